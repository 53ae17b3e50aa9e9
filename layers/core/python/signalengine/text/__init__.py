"""Texts that people read, for chat messages and bot replies."""
