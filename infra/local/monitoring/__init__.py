"""What a running system uses and what waits in it, while it runs on one machine."""
