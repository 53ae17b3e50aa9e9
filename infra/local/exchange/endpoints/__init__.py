"""What clients connect to: REST, WebSocket, and the operator's endpoints."""
