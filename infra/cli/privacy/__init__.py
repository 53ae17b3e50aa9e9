"""Forgetting an address of a stack."""
