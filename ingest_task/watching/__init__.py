"""Liveness of streams, and the ledger of gaps."""
