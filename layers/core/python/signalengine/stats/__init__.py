"""Statistics of closed signals."""
