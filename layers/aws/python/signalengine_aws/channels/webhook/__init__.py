"""Generic webhooks: signed requests to an address of the operator's choice."""
