"""Commands for the deliveries of a stack's channels."""
