"""An ntfy server's publishing: `POST /` with a JSON document, as of v2.

Sources: github.com/binwiederhier/ntfy, `docs/publish.md` (Publish as JSON), `server/server.go`
(`transformBodyJSON`), `server/errors.go`, `server/actions.go`, and the limits of
`server/config.go`: 4,096 bytes of a message, twice that of a document, 60 requests, and one more
every 5 seconds.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from math import ceil
from typing import Any, Final

from .faults import Fault
from .service import Answer, Call, json_answer
from .shown import Line, Run, Shown, line, plain

BURST: Final = 60
REFILL_MS: Final = 5_000
MOST_MESSAGE: Final = 4_096
MOST_DOCUMENT: Final = 2 * MOST_MESSAGE
MOST_TITLE: Final = 2_048
MOST_ACTIONS: Final = 3
EMOJI: Final = {"warning": "⚠️", "loudspeaker": "📢", "rotating_light": "🚨"}
_TOPIC: Final = re.compile(r"[-_A-Za-z0-9]{1,64}")
_DOCS: Final = "https://ntfy.sh/docs/publish/"
_LIMITS: Final = f"{_DOCS}#limitations"
_AUTH: Final = f"{_DOCS}#authentication"
ERRORS: Final[Mapping[str, tuple[str, str]]] = {
    "40007": ("invalid priority parameter", f"{_DOCS}#message-priority"),
    "40009": ("invalid request: topic invalid", ""),
    "40010": ("invalid request: topic name is not allowed", ""),
    "40014": ("invalid request: attachments not allowed", ""),
    "40017": ("invalid request: request body must be message JSON", f"{_DOCS}#publish-as-json"),
    "40018": ("invalid request: actions invalid", f"{_DOCS}#action-buttons"),
    "40024": ("invalid request: request body must be valid JSON", ""),
    "40057": ("invalid request: title too large", ""),
    "40101": ("unauthorized", _AUTH),
    "40301": ("forbidden", _AUTH),
    "40401": ("page not found", ""),
    "41301": ("attachment too large, or bandwidth limit reached", _LIMITS),
    "41303": ("JSON body too large", ""),
    "42901": ("limit reached: too many requests", _LIMITS),
    "42905": ("limit reached: daily bandwidth reached", _LIMITS),
    "42908": ("limit reached: daily message quota reached", _LIMITS),
    "42909": ("limit reached: too many auth failures", _LIMITS),
    "50001": ("internal server error", ""),
    "50701": ("cannot publish to UnifiedPush topic without previously active subscriber", ""),
}
"""Codes, whose first three digits are the status, each with its message and link."""
_DOCUMENT: Final[Mapping[str, type]] = {
    "topic": str, "title": str, "message": str, "priority": int, "tags": list, "click": str,
    "icon": str, "actions": list, "attach": str, "markdown": bool, "filename": str, "delay": str,
}  # fmt: skip


class Ntfy:
    """One server: any topic, of which one wants a token."""

    name: Final = "ntfy"
    prefixes: Final = ("/",)
    errors: Final = tuple(ERRORS)

    def __init__(self, *, limited: bool = False) -> None:
        self._topic = "signals"
        self._token = f"tk_{secrets.token_hex(15)[:29]}"
        self._limited = limited
        self._full_at = 0
        """When the bucket of requests is full again."""

    @property
    def destination(self) -> Mapping[str, str]:
        return {"path": f"/{self._topic}", "secret": self._token}

    def name_of(self, call: Call) -> str:
        try:
            raw = call.json()
        except ValueError:
            return ""
        return str(raw.get("topic", "")) if isinstance(raw, dict) else ""

    def answer(self, call: Call) -> Answer:
        authorized = call.headers.get("authorization", "")
        if authorized and authorized != f"Bearer {self._token}":
            return _error("40101")
        if len(call.body) > MOST_DOCUMENT:
            return _error("41303")
        try:
            raw = call.json()
        except ValueError:
            return _error("40024")
        code = _refused(raw)
        if not code and raw["topic"] == self._topic and not authorized:
            code = "40301"
        if not code and self._is_full(call.at):
            code = "42901"
        return _error(code) if code else self._accept(raw, call.at)

    def refusal(self, fault: Fault) -> Answer:
        if fault.kind == "429":
            # the server names no time; one behind a proxy may
            seconds = {"Retry-After": str(ceil(fault.retry_after))} if fault.retry_after else {}
            return _error("42901", seconds)
        return _error(fault.error) if fault.kind == "error" else _error("50001")

    def _is_full(self, now: int) -> bool:
        """Return whether the bucket has no room; counts a request that it has room for."""
        full_at = max(self._full_at, now) + REFILL_MS
        if self._limited and full_at - now > BURST * REFILL_MS:
            return True
        self._full_at = full_at
        return False

    def _accept(self, raw: Mapping[str, Any], at: int) -> Answer:
        message: dict[str, Any] = {
            "id": secrets.token_urlsafe(9),
            "time": at // 1000,
            "expires": at // 1000 + 43_200,
            "event": "message",
        }
        stored = {name: raw[name] for name in _DOCUMENT if raw.get(name)}
        more = {"message": "triggered"} | stored
        arrived = replace(_shown(raw["topic"], more), receipt=message["id"])
        return json_answer(200, message | more, arrived=arrived)


def _error(code: str, headers: Mapping[str, str] | None = None) -> Answer:
    message, link = ERRORS[code]
    body = {"code": int(code), "http": int(code[:3]), "error": message}
    return json_answer(int(code[:3]), body | ({"link": link} if link else {}), headers)


def _refused(raw: Any) -> str:
    """Return the code of the error in a document, "" for one that is accepted."""
    if not isinstance(raw, dict):
        return "40024"
    if any(not isinstance(raw.get(name, kind()), kind) for name, kind in _DOCUMENT.items()):
        return "40017"
    if not _TOPIC.fullmatch(raw.get("topic", "")):
        return "40009"
    if not 0 <= raw.get("priority", 0) <= 5:
        return "40007"
    if len(raw.get("title", "").encode()) > MOST_TITLE:
        return "40057"
    if len(raw.get("message", "").encode()) > MOST_MESSAGE:
        return "40014"  # a longer one becomes an attachment, which this server has none of
    return "" if _are_actions(raw.get("actions", [])) else "40018"


def _are_actions(actions: list[Any]) -> bool:
    return len(actions) <= MOST_ACTIONS and all(
        isinstance(one, dict)
        and one.get("action") in ("view", "http", "broadcast")
        and bool(one.get("label"))
        and (one["action"] == "broadcast" or bool(one.get("url")))
        for one in actions
    )


def _shown(destination: str, raw: Mapping[str, Any]) -> Shown:
    tags = [str(tag) for tag in raw.get("tags", [])]
    title = str(raw.get("title") or destination)
    named = f"{''.join(EMOJI[tag] for tag in tags if tag in EMOJI)} {title}".strip()
    click = str(raw.get("click") or "")
    head: Line = (Run(named, "link", click),) if click else line(named)
    others = ", ".join(tag for tag in tags if tag not in EMOJI)
    priority = int(raw.get("priority") or 3)
    foot = [f"Tags: {others}"] if others else []
    foot += [f"Priority: {priority}"] if priority != 3 else []
    links = [(str(one["label"]), str(one.get("url", ""))) for one in raw.get("actions", [])]
    return Shown(
        destination, head, plain(str(raw["message"])), (), tuple(map(line, foot)), tuple(links),
        silent=priority < 3, payload=raw,
    )  # fmt: skip
