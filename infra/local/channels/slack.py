"""Slack's incoming webhooks: `POST /services/T…/B…/…`, which answer with a word of plain text.

Sources: docs.slack.dev, "Sending messages using incoming webhooks" (its table of errors), "Changes
to errors for incoming webhooks" of 2016-05-17 (their statuses), "Rate limits" (one message a second
of a webhook; `Retry-After`), "Blocks" (50 blocks; 3,000 characters of a section's text, 2,000 of a
field, 10 fields, 150 of a header, 10 elements of a context). Lengths are counted in UTF-16 units.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any, Final

from .faults import Fault
from .service import Answer, Call, text_answer
from .shown import Line, Shown, line, slack

SPACING_MS: Final = 1_000
BURST: Final = 3
"""Slack tolerates short bursts above one a second."""
MOST_BLOCKS: Final = 50
MOST_TEXT: Final = 3_000
MOST_FIELD: Final = 2_000
MOST_FIELDS: Final = 10
MOST_HEADER: Final = 150
MOST_FALLBACK: Final = 40_000
_PATH: Final = re.compile(r"/services/(T\w+)/(B\w+)/(\w+)")
ERRORS: Final[Mapping[str, int]] = {
    "invalid_payload": 400, "invalid_blocks": 400, "no_text": 400, "too_many_attachments": 400,
    "user_not_found": 400, "action_prohibited": 403, "invalid_token": 403, "team_disabled": 403,
    "posting_to_general_channel_denied": 403, "channel_not_found": 404, "no_service": 404,
    "no_service_id": 404, "no_team": 404, "no_active_hooks": 404, "channel_is_archived": 410,
    "rollup_error": 500,
}  # fmt: skip
"""Words, each with its status."""


class Slack:
    """One webhook."""

    name: Final = "slack"
    prefixes: Final = ("/services/",)
    errors: Final = tuple(ERRORS)

    def __init__(self, *, limited: bool = False) -> None:
        self._team, self._service = "T01LOCAL", "B01LOCAL"
        self._secret = secrets.token_hex(12)
        self._limited = limited
        self._full_at = 0
        """When the bucket of messages is full again."""

    @property
    def destination(self) -> Mapping[str, str]:
        return {"path": f"/services/{self._team}/{self._service}/{self._secret}"}

    def name_of(self, call: Call) -> str:
        found = _PATH.fullmatch(call.path)
        return found[2] if found else ""

    def answer(self, call: Call) -> Answer:
        found = _PATH.fullmatch(call.path)
        if found is None or found[1] != self._team:
            return _error("no_team")
        if found[2] != self._service:
            return _error("no_service")
        if not secrets.compare_digest(found[3], self._secret):
            return _error("invalid_token")
        wait_ms = self._full_at - call.at - (BURST - 1) * SPACING_MS
        if self._limited and wait_ms > 0:
            return _limit(wait_ms / 1000)
        self._full_at = max(self._full_at, call.at) + SPACING_MS
        try:
            raw = call.json()
        except ValueError:
            return _error("invalid_payload")
        reason = _refused(raw)
        if reason:
            return _error(reason)
        return text_answer(200, "ok", arrived=_shown(self._service, raw))

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "429":
            return _limit(fault.retry_after)
        if fault.kind == "error":
            return _error(fault.error)
        return text_answer(fault.status, "server_error")


def _error(word: str) -> Answer:
    return text_answer(ERRORS[word], word)


def _limit(seconds: float) -> Answer:
    return text_answer(429, "rate_limited", {"Retry-After": str(max(1, ceil(seconds)))})


def _refused(raw: Any) -> str:
    """Return the word of the error in a payload, "" for one that is accepted."""
    if not isinstance(raw, dict):
        return "invalid_payload"
    blocks = raw.get("blocks") or []
    if not isinstance(blocks, list) or len(blocks) > MOST_BLOCKS:
        return "invalid_blocks"
    if not blocks and not str(raw.get("text") or "").strip():
        return "no_text"
    if units(raw.get("text")) > MOST_FALLBACK:
        return "invalid_payload"
    return "invalid_blocks" if any(problem for one in blocks for problem in _problems(one)) else ""


def _problems(block: Any) -> Iterator[bool]:
    """Yield whether each part of a block is wrong."""
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": str(text)}}:
            yield not 0 < units(text) <= MOST_HEADER
        case {"type": "section"}:
            fields = block.get("fields") or []
            yield len(fields) > MOST_FIELDS or ("text" not in block and not fields)
            yield from (_wrong(one, MOST_FIELD) for one in fields)
            if "text" in block:
                yield _wrong(block["text"], MOST_TEXT)
        case {"type": "context", "elements": [_, *_] as elements}:
            yield len(elements) > MOST_FIELDS
            yield from (_wrong(one, MOST_TEXT) for one in elements)
        case {"type": "divider"}:
            yield False
        case _:
            yield True


def _wrong(text: Any, most: int) -> bool:
    match text:
        case {"type": "mrkdwn" | "plain_text", "text": str(words)}:
            return not 0 < units(words) <= most
        case _:
            return True


def units(text: Any) -> int:
    """Return the length of a text in UTF-16 code units."""
    return len(str(text or "").encode("utf-16-le", "surrogatepass")) // 2


def _shown(destination: str, raw: Mapping[str, Any]) -> Shown:
    title: Line = ()
    lines: list[Line] = []
    fields: list[tuple[Line, tuple[Line, ...]]] = []
    footer: list[Line] = []
    for block in raw.get("blocks") or []:
        if block["type"] == "header":
            title = line(block["text"]["text"])
        elif block["type"] == "context":
            footer += [row for one in block["elements"] for row in slack(one["text"])]
        elif block["type"] == "section":
            below = footer if fields else lines
            below += slack(block["text"]["text"]) if "text" in block else ()
            rows = [slack(one["text"]) for one in block.get("fields") or []]
            fields += [(row[0], row[1:]) for row in rows]
    if not raw.get("blocks"):
        lines += slack(str(raw["text"]))
    return Shown(
        destination, title, tuple(lines), tuple(fields), tuple(footer), receipt="ok", payload=raw
    )
