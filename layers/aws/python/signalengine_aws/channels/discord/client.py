"""Discord's webhooks, and how its answers map to the errors of `delivery.errors`.

Source: github.com/discord/discord-api-docs, `resources/webhook.mdx` (Execute Webhook),
`topics/rate-limits.mdx`, `topics/opcodes-and-status-codes.mdx`. A webhook cannot reply: a message
that follows another begins with the other's address.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from ...delivery.destinations import Destination
from ...delivery.errors import RetryAfterError
from ..http.client import Response
from ..http.refusals import Meaning, number, refused, unreadable
from ..named import AGENT, JSON, Poster

SILENT: Final = 1 << 12
"""The flag of a message that makes no sound."""
FOLLOWS: Final = "follows"
"""Of a rendered message, and not of the document: the words of the link to its opening."""
MESSAGES: Final = "https://discord.com/channels"
CODES: Final[Mapping[int, Meaning]] = {
    10_003: Meaning.LEAVE,  # unknown channel
    10_015: Meaning.LEAVE,  # unknown webhook: it was deleted
    40_005: Meaning.REJECT,  # request entity too large
    40_333: Meaning.PARK,  # blocked by the proxy before the service
    50_001: Meaning.PARK,  # missing access
    50_006: Meaning.REJECT,  # an empty message
    50_013: Meaning.PARK,  # missing permissions
    50_027: Meaning.PARK,  # invalid webhook token
    50_035: Meaning.REJECT,  # invalid form body
    50_109: Meaning.REJECT,  # invalid JSON
    200_000: Meaning.REJECT,  # blocked by automatic moderation
    220_001: Meaning.PARK,  # a forum's webhook, without a thread
    220_003: Meaning.PARK,  # a thread, where there is no forum
    240_000: Meaning.REJECT,  # blocked by the filter of links
}
"""Codes of refusals, by discord's names in the comments."""
_OF_A_MESSAGE: Final = ("id", "channel_id")


class DiscordClient:
    """Posts to webhooks. Does not retry: the caller decides what a failure means."""

    def __init__(self, poster: Poster, seconds: Callable[[], float] = time.monotonic) -> None:
        self._poster = poster
        self._seconds = seconds
        self._used_up: dict[str, float] = {}
        """Until when webhooks accept nothing more, as they said with their last message."""

    def send(
        self, to: Destination, message: Mapping[str, Any], *, reply_to: str | None, silent: bool
    ) -> str:
        """Send a message; return its channel and its id. Raises the errors of `delivery.errors`."""
        left_s = self._used_up.get(to.name, 0.0) - self._seconds()
        if left_s > 0:
            raise RetryAfterError(int(left_s) + 1)
        document = {name: value for name, value in message.items() if name != FOLLOWS}
        document |= _following(to, message.get(FOLLOWS), reply_to)
        document |= {"flags": SILENT} if silent else {}
        url = f"{to.url}{'&' if '?' in to.url else '?'}wait=true"
        body = json.dumps(document, ensure_ascii=False).encode()
        response = self._poster.post(url, body, {"Content-Type": JSON, "User-Agent": AGENT})
        answer = _document(response)
        if not 200 <= response.status < 300:
            raise _error(response, answer)
        self._remember(to.name, response.headers)
        parts = [answer.get(name) for name in _OF_A_MESSAGE]
        if not all(isinstance(part, str) and part.isdecimal() for part in parts):
            raise unreadable(response)
        return f"{parts[1]}/{parts[0]}"

    def _remember(self, name: str, headers: Mapping[str, str]) -> None:
        self._used_up.pop(name, None)
        after_s = number(headers.get("x-ratelimit-reset-after"))
        if headers.get("x-ratelimit-remaining") == "0" and after_s is not None:
            self._used_up[name] = self._seconds() + min(after_s, 60.0)


def _following(to: Destination, label: str | None, reply_to: str | None) -> dict[str, str]:
    """Return a link to the message that this one follows, if the server's id is known."""
    guild = to.get("guild")
    if not (guild and label and reply_to):
        return {}
    return {"content": f"[{label}]({MESSAGES}/{guild}/{reply_to})"}


def _document(response: Response) -> dict[str, Any]:
    try:
        found = json.loads(response.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _error(response: Response, answer: Mapping[str, Any]) -> Exception:
    code = answer.get("code")
    known = CODES.get(code) if isinstance(code, int) else None
    said = f"code {code}" if known else "no known code"  # its words may repeat the message
    return refused(response, said, known, number(answer.get("retry_after")))
