"""Injected faults: Telegram's errors and time-outs, a given number of times."""

from dataclasses import dataclass, fields, replace
from typing import Any, Final, Literal, TypeAlias, get_args

from .errors import ApiError, bad_request

Kind: TypeAlias = Literal[
    "429", "500", "401", "403", "400", "400_chat", "migrate",
    "error", "timeout_before", "timeout_after_delivery", "drop",
]  # fmt: skip
KINDS: Final[tuple[str, ...]] = get_args(Kind)
SILENT: Final = ("timeout_before", "timeout_after_delivery", "drop")
"""Kinds without any answer; the others answer with an error."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The next `times` calls of `method` (to `chat_id`, if given) fail with `kind`."""

    kind: str
    method: str = "sendMessage"
    times: int = 1
    retry_after: int = 1
    chat_id: str | None = None
    migrate_to_chat_id: int = -1_009_999_999_999
    code: int = 400
    """Of an `error`."""
    description: str = "Bad Request: unknown"
    """Of an `error`, with its prefix."""

    def matches(self, method: str, chat_id: Any) -> bool:
        same_chat = self.chat_id is None or self.chat_id == str(chat_id)
        return same_chat and self.method.lower() == method.lower()

    def refusal(self) -> ApiError:
        """Return the error of a kind that answers."""
        match self.kind:
            case "429":
                words = f"Too Many Requests: retry after {self.retry_after}"
                return ApiError(429, words, retry_after=self.retry_after)
            case "401":
                return ApiError(401, "Unauthorized")
            case "403":
                return ApiError(403, "Forbidden: bot was blocked by the user")
            case "error":
                return ApiError(self.code, self.description)
            case "400":
                return bad_request("can't parse entities: fault")
            case "400_chat":
                return bad_request("chat not found")
            case "migrate":
                words = "Bad Request: group chat was upgraded to a supergroup chat"
                return ApiError(400, words, migrate_to_chat_id=self.migrate_to_chat_id)
            case _:
                return ApiError(500, "Internal Server Error")


def read_fault(raw: Any) -> Fault:
    """Read the body of `POST /_local/faults`; raises ValueError naming the wrong field."""
    if not isinstance(raw, dict):
        raise ValueError("a fault is a JSON object")  # noqa: TRY004 - one error for a bad body
    if raw.get("kind") not in KINDS:
        raise ValueError(f"kind: {raw.get('kind')!r} is not one of {', '.join(KINDS)}")
    unknown = set(raw) - {field.name for field in fields(Fault)}
    if unknown:
        raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
    for name in ("times", "retry_after", "migrate_to_chat_id", "code"):
        if name in raw and (isinstance(raw[name], bool) or not isinstance(raw[name], int)):
            raise ValueError(f"{name}: {raw[name]!r} is not an integer")
    chat_id = raw.get("chat_id")
    return Fault(**{**raw, "chat_id": None if chat_id is None else str(chat_id)})


class Faults:
    """The pending faults, first in first out."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        if fault.times > 0:
            self.waiting.append(fault)

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, method: str, chat_id: Any) -> Fault | None:
        """Return the fault for this call, if any, and count it as used."""
        for at, fault in enumerate(self.waiting):
            if fault.matches(method, chat_id):
                left = replace(fault, times=fault.times - 1)
                self.waiting[at : at + 1] = [left] if left.times else []
                return fault
        return None
