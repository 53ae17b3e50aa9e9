"""Requests to addresses that others choose: no private network, no redirect, bounded."""
