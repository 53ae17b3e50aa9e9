"""Recorded data: what is there, whether it holds together, and getting more of it."""
