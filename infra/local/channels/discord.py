"""Discord's webhooks: `POST /api/webhooks/{id}/{token}`, as of API v10.

Sources: github.com/discord/discord-api-docs, `developers/resources/webhook.mdx` (Execute Webhook),
`resources/message.mdx` (embed limits, allowed mentions), `topics/rate-limits.mdx`,
`topics/opcodes-and-status-codes.mdx`; 5 requests in 2 s of a webhook and 30 a minute of its channel
from that repository's issue 367. Lengths are counted in UTF-16 code units, the strictest reading.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from math import ceil
from typing import Any, Final

from .faults import Fault
from .service import Answer, Call, json_answer
from .shown import Line, Run, Shown, discord, line

PREFIX: Final = "/api/webhooks/"
WINDOWS: Final = ((5, 2_000), (30, 60_000))
"""Requests and ms: of a webhook, and of its channel."""
MOST_TOTAL: Final = 6_000
MOST_CONTENT: Final = 2_000
MOST_EMBEDS: Final = 10
MOST_FIELDS: Final = 25
SILENT: Final = 1 << 12
_SETTABLE: Final = (1 << 2) | SILENT | (1 << 15)
_EPOCH_MS: Final = 1_420_070_400_000
_GUILD: Final = "1100000000000000001"
_CHANNEL: Final = "1100000000000000002"
_PATH: Final = re.compile(r"/api(?:/v\d+)?/webhooks/(\d{17,20})/([\w-]+)")
_ADDRESS: Final = re.compile(r"https?://[^\s/.]+\.[^\s]+")
_MOST: Final = {"title": 256, "description": 4_096}
ERRORS: Final[Mapping[str, tuple[int, str]]] = {
    "10003": (404, "Unknown Channel"),
    "10015": (404, "Unknown Webhook"),
    "40005": (413, "Request entity too large"),
    "40333": (403, "internal network error"),
    "50001": (403, "Missing Access"),
    "50006": (400, "Cannot send an empty message"),
    "50013": (403, "Missing Permissions"),
    "50027": (401, "Invalid Webhook Token"),
    "50035": (400, "Invalid Form Body"),
    "50109": (400, "The request body contains invalid JSON."),
    "130000": (503, "API resource is currently overloaded. Try again a little later"),
    "200000": (400, "Message was blocked by automatic moderation"),
    "220001": (400, "Webhooks posted to forum channels must have a thread_name or thread_id"),
    "240000": (400, "Message blocked by harmful links filter"),
}
"""Codes, each with its status and message."""


class Discord:
    """One webhook of one channel."""

    name: Final = "discord"
    prefixes: Final = ("/api/",)
    errors: Final = (*ERRORS, "global", "1015")
    """`global` is a 429 of all routes, `1015` one of the proxy before the service, without JSON."""

    def __init__(self, *, limited: bool = False) -> None:
        self._id = "1200000000000000001"
        self._token = secrets.token_urlsafe(51)
        self._limited = limited
        self._calls: list[int] = []
        self._last = 0

    @property
    def destination(self) -> Mapping[str, str]:
        return {"path": f"{PREFIX}{self._id}/{self._token}", "guild": _GUILD}

    def name_of(self, call: Call) -> str:
        found = _PATH.fullmatch(call.path)
        return found[1] if found else ""

    def answer(self, call: Call) -> Answer:
        found = _PATH.fullmatch(call.path)
        if found is None:
            return json_answer(404, {"message": "404: Not Found", "code": 0})
        if found[1] != self._id:
            return _error("10015")
        if not secrets.compare_digest(found[2], self._token):
            return _error("50027")
        wait_ms = self._wait_ms(call.at)
        if wait_ms > 0:
            return self._limit(wait_ms / 1000, call.at)
        self._calls.append(call.at)
        refused = _refused(call)
        return refused if refused is not None else self._accept(call)

    def refusal(self, fault: Fault) -> Answer:
        match fault.kind, fault.error:
            case ("429", _):
                return self._limit(fault.retry_after, 0)
            case ("error", "global"):
                more = {"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}
                body = {"message": "You are being rate limited.", "global": True}
                seconds = {"Retry-After": str(max(1, ceil(fault.retry_after)))}
                return json_answer(429, body | {"retry_after": fault.retry_after}, more | seconds)
            case ("error", "1015"):
                seconds = {"Retry-After": str(max(1, ceil(fault.retry_after)))}
                return Answer(429, b"error code: 1015", seconds, "text/plain")
            case ("error", code):
                return _error(code)
            case _:
                body = {"message": "500: Internal Server Error", "code": 0}
                return json_answer(fault.status, body)

    # --- limits ----------------------------------------------------------------------------------

    def _wait_ms(self, now: int) -> int:
        """Return how long the next request has to wait; 0 without limits."""
        if not self._limited:
            return 0
        return max(_window_wait(self._calls, now, *window) for window in WINDOWS)

    def _limit(self, seconds: float, now: int) -> Answer:
        body = {"message": "You are being rate limited.", "retry_after": seconds, "global": False}
        more = {"Retry-After": str(max(1, ceil(seconds))), "X-RateLimit-Scope": "user"}
        return json_answer(429, body, self._headers(now, seconds) | more)

    def _headers(self, now: int, reset_s: float | None = None) -> dict[str, str]:
        most, span = WINDOWS[0]
        recent = [at for at in self._calls if at > now - span]
        left = most - len(recent[-most:]) if self._limited else most - 1
        after = reset_s if reset_s is not None else (recent[0] + span - now) / 1000
        return {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(0 if reset_s is not None else left),
            "X-RateLimit-Reset": f"{now / 1000 + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": "f3c7d1e5a9b20486",
        }

    # --- a message -------------------------------------------------------------------------------

    def _accept(self, call: Call) -> Answer:
        raw, headers = call.json(), self._headers(call.at)
        message = self._message(raw, call.at)
        arrived = replace(_shown(self._id, raw), receipt=f"{_CHANNEL}/{message['id']}")
        if call.query.get("wait", "").lower() not in ("true", "1"):
            return Answer(204, b"", headers, arrived=arrived)
        return json_answer(200, message, headers, arrived)

    def _message(self, raw: Mapping[str, Any], at: int) -> dict[str, Any]:
        self._last = max(self._last + 1, (at - _EPOCH_MS) << 22)
        parse = raw.get("allowed_mentions", {}).get("parse", ["users"])
        text = str(raw.get("content") or "")
        return {
            "id": str(self._last),
            "type": 0,
            "content": text,
            "channel_id": _CHANNEL,
            "author": {"id": self._id, "username": "SignalEngine", "bot": True},
            "attachments": [],
            "embeds": [{"type": "rich"} | embed for embed in raw.get("embeds", [])],
            "mentions": re.findall(r"<@!?(\d+)>", text) if "users" in parse else [],
            "mention_roles": [],
            "mention_everyone": "everyone" in parse and "@everyone" in text,
            "pinned": False,
            "tts": False,
            "timestamp": datetime.fromtimestamp(at / 1000, UTC).isoformat(),
            "edited_timestamp": None,
            "flags": int(raw.get("flags", 0)),
            "components": [],
            "webhook_id": self._id,
        }


def _window_wait(calls: list[int], now: int, most: int, span: int) -> int:
    recent = [at for at in calls if at > now - span]
    return recent[-most] + span - now if len(recent) >= most else 0


def _error(code: str) -> Answer:
    status, message = ERRORS[code]
    return json_answer(status, {"message": message, "code": int(code)})


def _refused(call: Call) -> Answer | None:
    """Return why a message is refused, None for one that is accepted."""
    try:
        raw = call.json()
    except ValueError:
        return _error("50109")
    if not isinstance(raw, dict):
        return _error("50035")
    problems = dict(_problems(raw))
    if problems:
        body = {"message": "Invalid Form Body", "code": 50_035, "errors": problems}
        return json_answer(400, body)
    if not str(raw.get("content") or "").strip() and not raw.get("embeds"):
        return _error("50006")
    return None


def _problems(raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the names of wrong parts, each with what is wrong."""
    if units(raw.get("content")) > MOST_CONTENT:
        yield "content", _too_long(MOST_CONTENT)
    embeds = raw.get("embeds") or []
    if not isinstance(embeds, list) or len(embeds) > MOST_EMBEDS:
        yield "embeds", _problem("BASE_TYPE_BAD_LENGTH", "Must be between 0 and 10 in length.")
        return
    found = {str(at): dict(_of_embed(embed)) for at, embed in enumerate(embeds)}
    found = {at: problems for at, problems in found.items() if problems}
    if found:
        yield "embeds", found
    elif sum(map(_size, embeds)) > MOST_TOTAL:
        yield (
            "embeds",
            _problem("MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000"),
        )
    if int(raw.get("flags") or 0) & ~_SETTABLE:
        yield "flags", _problem("NOT_SUPPORTED", "These flags cannot be set.")
    parse = (raw.get("allowed_mentions") or {}).get("parse", [])
    if not set(parse) <= {"users", "roles", "everyone"}:
        yield "allowed_mentions", _problem("BASE_TYPE_CHOICES", "Value must be one of …")


def _of_embed(embed: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, most in _MOST.items():
        if units(embed.get(name)) > most:
            yield name, _too_long(most)
    if embed.get("url") and not _ADDRESS.fullmatch(str(embed["url"])):
        yield "url", _problem("URL_TYPE_INVALID_URL", "Not a well formed URL.")
    if not 0 <= int(embed.get("color") or 0) <= 0xFFFFFF:
        yield "color", _problem("NUMBER_TYPE_MAX", "int value should be less than 16777216.")
    if units((embed.get("footer") or {}).get("text")) > 2_048:
        yield "footer", {"text": _too_long(2_048)}
    fields = embed.get("fields") or []
    if len(fields) > MOST_FIELDS:
        yield "fields", _problem("BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    for at, one in enumerate(fields):
        for name, most in (("name", 256), ("value", 1_024)):
            size = units(one.get(name))
            if size == 0:
                yield (
                    f"fields.{at}",
                    {name: _problem("BASE_TYPE_REQUIRED", "This field is required")},
                )
            elif size > most:
                yield f"fields.{at}", {name: _too_long(most)}


def _size(embed: Mapping[str, Any]) -> int:
    parts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    parts += [one.get(name) for one in embed.get("fields") or [] for name in ("name", "value")]
    return sum(map(units, parts))


def units(text: Any) -> int:
    """Return the length of a text in UTF-16 code units, without the space around it."""
    return len(str(text or "").strip().encode("utf-16-le", "surrogatepass")) // 2


def _too_long(most: int) -> dict[str, Any]:
    return _problem("BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")


def _problem(code: str, message: str) -> dict[str, Any]:
    return {"_errors": [{"code": code, "message": message}]}


def _shown(destination: str, raw: Mapping[str, Any]) -> Shown:
    """Return a message as its embeds, and what is said above them."""
    embed: Mapping[str, Any] = next(iter(raw.get("embeds") or ({},)))
    above = discord(str(raw["content"])) if raw.get("content") else ()
    title = str(embed.get("title") or "")
    address = str(embed.get("url") or "")
    named: Line = (Run(title, "link", address),) if address else line(title)
    fields = tuple(
        (line(str(one["name"])), discord(str(one["value"]))) for one in embed.get("fields") or []
    )
    return Shown(
        destination,
        title=named if title else (),
        lines=(*above, *(discord(str(embed["description"])) if embed.get("description") else ())),
        fields=fields,
        footer=(line(str(embed["footer"]["text"])),) if embed.get("footer") else (),
        colour=f"#{int(embed.get('color') or 0):06x}" if embed else "",
        silent=bool(int(raw.get("flags") or 0) & SILENT),
        payload=raw,
    )
