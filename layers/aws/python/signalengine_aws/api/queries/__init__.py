"""The HTTP API's answers, by subject; `Serving` is what the bot and the chat ask as well."""

from .signals import Serving

__all__ = ["Serving"]
