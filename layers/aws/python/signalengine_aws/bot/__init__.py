"""The Telegram bot: updates, commands, preferences, and their answers."""
