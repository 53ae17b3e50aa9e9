"""WebSocket connections to the exchange."""
