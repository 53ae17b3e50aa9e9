"""Free questions, answered from the engine's own data."""

from typing import Any, Final, TypedDict

from signalengine.text.languages import ENGLISH, in_language

from ...runtime.strict_json import read_json
from .. import parameters as p
from ..routing import Request, Route
from ..services import Services

MAX_BODY_CHARS: Final = 16_384


class ChatAnswer(TypedDict):
    """An answer, where it comes from, and which data it uses."""

    answer: str
    source: str
    used: list[str]
    disclaimer: str


def chat(services: Services, request: Request) -> dict[str, Any]:
    """The answer comes from a language model where one is configured, else from fixed rules;
    `source` names which. Ten questions a minute and address (IPv6: its network of 64 bits), then
    429. The body is `{"message": "..."}`, with an optional `history` of earlier turns and a
    `language` (`en`, `es`) that rules read and answer in; a model answers in that of the question.
    """
    from ...chat.engine import read_language
    from ...chat.questions import MessageError
    from ...stores.rate_limits import network

    raw = read_body(request.body)
    caller = f"http:{network(request.client)}"
    try:
        with in_language(read_language(raw.get("language", ENGLISH))):
            chat = services.rate_limited_chat
            return chat.answer(caller, raw.get("message"), raw.get("history", ()))
    except MessageError as error:
        raise p.QueryError(str(error)) from error


def chat_body() -> dict[str, Any]:
    """Return the JSON schema of the request's body."""
    from ...chat.engine import MAX_HISTORY, MAX_LANGUAGE_CHARS
    from ...chat.questions import MAX_MESSAGE_CHARS

    turn = {
        "type": "object",
        "required": ["role", "content"],
        "properties": {"role": {"enum": ["user", "assistant"]}, "content": {"type": "string"}},
    }
    return {
        "type": "object",
        "required": ["message"],
        "properties": {
            "message": {
                "type": "string", "minLength": 1, "maxLength": MAX_MESSAGE_CHARS, "pattern": r"\S",
            },
            "history": {"type": "array", "maxItems": MAX_HISTORY, "items": turn},
            "language": {"type": "string", "maxLength": MAX_LANGUAGE_CHARS, "default": ENGLISH},
        },
    }  # fmt: skip


def read_body(text: str) -> dict[str, Any]:
    """Read a JSON object; raises QueryError."""
    if len(text) > MAX_BODY_CHARS:
        raise p.QueryError(f"body: expected at most {MAX_BODY_CHARS} characters")
    try:
        raw = read_json(text)
    except ValueError:
        raise p.QueryError("body: not JSON") from None
    if not isinstance(raw, dict):
        raise p.QueryError("body: expected a JSON object")
    return raw


CHAT: Final = """\
{"answer": "ETHUSDT short 0.26 ...", "source": "rules", "used": ["top"],
 "disclaimer": "Computed from closed bars; not financial advice."}"""

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "/chat", "A free question, answered from the engine's own data", "Chat", chat,
        ChatAnswer, method="POST", body=chat_body, raises=("429",), example=CHAT,
    ),
)  # fmt: skip
