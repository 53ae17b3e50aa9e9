"""Builds and set-up: the virtual environment, Node, the dashboard and its upload."""
