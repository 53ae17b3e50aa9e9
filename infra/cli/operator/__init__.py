"""The token by which the dashboard changes settings."""
