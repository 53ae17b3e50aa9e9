"""Telegram: its client, configuration and limits."""
