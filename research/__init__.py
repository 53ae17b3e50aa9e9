"""Offline analysis with the very code that runs live."""
