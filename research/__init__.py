"""Offline analysis with the production code."""
