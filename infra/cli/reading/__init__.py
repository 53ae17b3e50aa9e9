"""Commands that read a stack's HTTP API and WebSocket."""
