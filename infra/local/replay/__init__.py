"""Replays: following one to its end, and its report."""
