"""Builds the chat for the functions that offer it: HTTP, WebSocket and Telegram."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..ports import RateLimits
from ..runtime import config
from ..stores.rate_limits import MODEL_PER_DAY, PER_CALLER, DynamoLimits, TooManyCallsError
from .engine import Answer, Chat, read_history, read_message
from .tools import Reads
from .turns import Model

EVERYONE: Final = "everyone"


class RateLimitedChat:
    """The chat behind its limits."""

    def __init__(self, chat: Chat, limits: RateLimits) -> None:
        self._chat = chat
        self._limits = limits

    @property
    def has_model(self) -> bool:
        """Whether a model may answer, which may take many seconds."""
        return self._chat.has_model

    def answer(
        self, caller: str, message: Any, history: Sequence[Mapping[str, Any]] = ()
    ) -> dict[str, Any]:
        """Return an answer's public form; raises as `stream` does."""
        by_model = self._admit(caller, message, history)
        return self._chat.answer(message, history, by_model=by_model)

    def stream(
        self, caller: str, message: Any, history: Sequence[Mapping[str, Any]] = ()
    ) -> Iterator[str | Answer]:
        """Yield as `Chat.stream`. `caller` identifies a caller for the limits; it is not stored.

        Raises MessageError, TooManyCallsError, or TransientError and PermanentError of AWS.
        """
        by_model = self._admit(caller, message, history)
        return self._chat.stream(message, history, by_model=by_model)

    def _admit(self, caller: str, message: Any, history: Any) -> bool:
        """Check and count a question; returns whether a model may answer it."""
        read_message(message)
        read_history(history)
        self._limits.take(caller, PER_CALLER)
        if not self._chat.has_model:
            return False
        try:
            self._limits.take(EVERYONE, MODEL_PER_DAY)
        except TooManyCallsError:
            return False
        return True


def rate_limited_chat(reads: Reads) -> RateLimitedChat:
    """Return the chat of this process's environment; raises ConfigError."""
    settings = config.load(config.Chat)
    return RateLimitedChat(
        Chat(reads=reads, model=_model(settings)), DynamoLimits(settings.calls_table)
    )


def _model(settings: config.Chat) -> Model | None:
    """Return the configured model: a server of one's own goes before a billed service."""
    if settings.ollama_base_url:
        from .ollama import Ollama

        return Ollama(settings.ollama_base_url, settings.ollama_model)
    if settings.bedrock_model_id:
        from .bedrock import Bedrock

        return Bedrock(settings.bedrock_model_id)
    return None
