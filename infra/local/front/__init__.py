"""The front door: one address on this machine for the dashboard, the API, the feed and the chat."""
