"""A Telegram Bot API server on loopback with a chat page, to run the bot without Telegram."""
