"""Telling chats what happened: their wishes, their pace, and a receipt for every message."""
