"""The HTTP API: declared once as routes, then served, checked and documented."""
