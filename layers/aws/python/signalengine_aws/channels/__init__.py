"""Delivery channels, one folder each."""
