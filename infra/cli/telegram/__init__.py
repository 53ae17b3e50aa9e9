"""Commands for the Telegram bot of a stack."""
