"""The HTTP API's queries, by subject: stored data as JSON objects."""
