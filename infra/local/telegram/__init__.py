"""A Telegram Bot API server on loopback, with a chat page: what the bot says without Telegram."""
