"""The container image of the local system: what it is built of, and how it starts."""
