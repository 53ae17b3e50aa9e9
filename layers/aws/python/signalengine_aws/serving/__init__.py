"""The HTTP API's answers, by subject; `Serving` is what the bot and the chat ask as well."""

from .record import Serving

__all__ = ["Serving"]
