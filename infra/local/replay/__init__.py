"""Replays: running one to its end, and its report."""
