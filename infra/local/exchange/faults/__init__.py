"""Injected faults: their schedule, and their effect on messages."""
