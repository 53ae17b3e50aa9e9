"""answer_chat: a question of a WebSocket client is answered while the answer is being written.

`{"action": "chat", "id", "message", "history", "language"}` is answered by any number of
`{"type": "chat", "id", "delta"}`, then one `{"type": "chat_done", "id", "answer", "source",
"used"}` with the whole answer, which replaces the deltas: when a model fails half way, rules answer
instead. A question that cannot be answered gets a `chat_done` with the source "error". Deltas are
batched, because every post is billed. While the API has a token, a question contains it as `token`;
one without it ends a connection that does not count, as in connect_websocket.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from signalengine.errors import SignalEngineError
from signalengine.text.languages import ENGLISH, in_language

from ..chat.engine import DISCLAIMER, Answer, read_language
from ..chat.questions import MessageError
from ..messaging.websockets import encode
from ..ports import ClientAuth, ClosableSockets, CountedConnections, StreamingChat
from ..runtime.api_token import AccessError
from ..runtime.strict_json import read_json
from ..stores.rate_limits import TooManyCallsError

MAX_REQUEST_CHARS: Final = 16_384
MAX_ID_CHARS: Final = 64
DELTA_CHARS: Final = 80
DELTA_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A client's question; the chat checks its message and history."""

    chat_id: str
    message: Any
    history: Any
    language: str = ENGLISH
    """That rules answer in; English for one without texts."""
    token: str | None = field(default=None, repr=False)


def read_chat_request(body: str | None) -> ChatRequest:
    """Read a client's message; raises MessageError (pure)."""
    if not body or len(body) > MAX_REQUEST_CHARS:
        raise MessageError(f"expected 1 to {MAX_REQUEST_CHARS} characters of JSON")
    try:
        raw = read_json(body)
    except ValueError as error:
        raise MessageError("not JSON") from error
    chat_id = raw.get("id") if isinstance(raw, dict) else None
    if not isinstance(chat_id, str) or not 1 <= len(chat_id) <= MAX_ID_CHARS:
        raise MessageError(f"id: expected 1 to {MAX_ID_CHARS} characters")
    token = raw.get("token")
    if token is not None and not isinstance(token, str):
        raise MessageError("token: expected text")
    language = read_language(raw.get("language", ENGLISH))
    return ChatRequest(chat_id, raw.get("message"), raw.get("history", ()), language, token or None)


class AnswerChat:
    """Answers the questions of WebSocket clients."""

    def __init__(
        self,
        *,
        chat: StreamingChat,
        connections: CountedConnections,
        sockets: ClosableSockets,
        access: ClientAuth,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access = access
        self._chat = chat
        self._connections = connections
        self._sockets = sockets
        self._seconds = seconds

    def serve(self, connection_id: str, caller: str, body: str | None) -> str:
        """Answer one message; returns its source. Raises GoneError when the client has left."""
        chat_id = ""
        try:
            request = read_chat_request(body)
            chat_id = request.chat_id
            self._access.admit(connection_id, request.token)
            with in_language(request.language):
                return self._answer(connection_id, caller, request)
        except TooManyCallsError as error:
            more = {"retry_after": error.retry_after_s}
            return self._done(connection_id, chat_id, _refusal(str(error)) | more)
        except (MessageError, AccessError) as error:
            source = self._done(connection_id, chat_id, _refusal(str(error)))
            self._end_uncounted(connection_id)
            return source

    def _answer(self, connection_id: str, caller: str, request: ChatRequest) -> str:
        pieces = self._chat.stream(caller, request.message, request.history)
        try:
            for piece in batched(pieces, self._seconds):
                if isinstance(piece, Answer):
                    return self._done(connection_id, request.chat_id, piece.to_dict())
                delta = {"type": "chat", "id": request.chat_id, "delta": piece}
                self._sockets.post(connection_id, encode(delta))
        except SignalEngineError as error:
            if isinstance(error, MessageError):
                raise
            self._done(connection_id, request.chat_id, _refusal("no answer now: try again"))
            raise
        raise AssertionError("a stream ends with its answer")

    def _end_uncounted(self, connection_id: str) -> None:
        """End a connection that only a token may keep."""
        try:
            self._access.admit(connection_id, None)
        except AccessError:
            if not self._connections.is_counted(connection_id):
                self._sockets.close(connection_id)

    def _done(self, connection_id: str, chat_id: str, answer: Mapping[str, Any]) -> str:
        message = {"type": "chat_done", "id": chat_id} | dict(answer)
        self._sockets.post(connection_id, encode(message))
        return str(answer["source"])


def _refusal(text: str) -> dict[str, Any]:
    return Answer(text, "error", (), DISCLAIMER).to_dict()


def batched(pieces: Iterator[str | Answer], seconds: Callable[[], float]) -> Iterator[str | Answer]:
    """Yield the same text in fewer pieces: of `DELTA_CHARS`, or of `DELTA_S` seconds."""
    waiting, since = "", seconds()
    for piece in pieces:
        if isinstance(piece, Answer):
            if waiting:
                yield waiting
            yield piece
            return
        waiting += piece
        if len(waiting) >= DELTA_CHARS or seconds() - since >= DELTA_S:
            yield waiting
            waiting, since = "", seconds()
