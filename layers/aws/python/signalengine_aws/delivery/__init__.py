"""Delivering notifications: audience, preferences, pacing, leases and receipts, for any channel."""
