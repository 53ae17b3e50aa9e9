"""An ntfy server, and how its answers map to the errors of `delivery.errors`.

Source: github.com/binwiederhier/ntfy, `docs/publish.md` (Publish as JSON) and `server/errors.go`.
A destination's URL is that of its topic, like `https://ntfy.sh/my-topic`, its field `secret` an
access token. There are no replies.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from ...delivery.destinations import Destination
from ...delivery.errors import UnreachableError
from ..http.client import Response
from ..http.refusals import Meaning, refused, unreadable
from ..named import AGENT, JSON, Poster
from .limits import REFILL_S

LOW: Final = 2
"""The priority of a message without a sound."""
CODES: Final[Mapping[int, Meaning]] = {
    40_007: Meaning.REJECT,  # invalid priority
    40_009: Meaning.PARK,  # invalid topic
    40_010: Meaning.PARK,  # topic not allowed
    40_013: Meaning.REJECT,  # invalid address of an attachment
    40_014: Meaning.REJECT,  # attachments not allowed: the message is too long
    40_017: Meaning.REJECT,  # not a message
    40_018: Meaning.REJECT,  # invalid actions
    40_024: Meaning.REJECT,  # not JSON
    40_057: Meaning.REJECT,  # title too large
    40_058: Meaning.REJECT,  # tags too large
    40_101: Meaning.PARK,  # unauthorized
    40_301: Meaning.PARK,  # forbidden
    40_401: Meaning.PARK,  # page not found
    41_301: Meaning.REJECT,  # attachment too large
    41_303: Meaning.REJECT,  # document too large
}
"""Codes of refusals, with the server's words in the comments."""
WAITS_S: Final[Mapping[int, int]] = {
    42_901: REFILL_S,  # requests
    42_905: 3_600,  # bandwidth of a day
    42_908: 3_600,  # messages of a day
    42_909: 60,  # failed logins
}
"""Codes of limits, with the seconds to wait: the server names none."""
_TOPIC: Final = re.compile(r"(?P<server>https?://[^/?#]+)/(?P<topic>[-_A-Za-z0-9]{1,64})/?")


class NtfyClient:
    """Publishes to topics. Does not retry: the caller decides what a failure means."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    def send(self, to: Destination, message: Mapping[str, Any], *, silent: bool) -> str:
        """Send a message; return its id. Raises the errors of `delivery.errors`."""
        server, topic = server_and_topic(to)
        document = {"topic": topic, **message, **({"priority": LOW} if silent else {})}
        body = json.dumps(document, ensure_ascii=False).encode()
        headers = {"Content-Type": JSON, "User-Agent": AGENT}
        token = to.get("secret")
        if token:
            headers["Authorization"] = f"Bearer {token}"
        response = self._poster.post(f"{server}/", body, headers)
        answer = _document(response)
        if not 200 <= response.status < 300:
            raise _error(response, answer)
        receipt = answer.get("id")
        if not isinstance(receipt, str) or not receipt:
            raise unreadable(response)
        return receipt


def server_and_topic(to: Destination) -> tuple[str, str]:
    """Return the two parts of a topic's URL; raises UnreachableError for any other URL."""
    found = _TOPIC.fullmatch(to.url)
    if found is None:
        raise UnreachableError("its URL is not that of a topic, like https://ntfy.sh/my-topic")
    return found["server"], found["topic"]


def _document(response: Response) -> dict[str, Any]:
    try:
        found = json.loads(response.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _error(response: Response, answer: Mapping[str, Any]) -> Exception:
    code = answer.get("code")
    known = code if isinstance(code, int) and (code in CODES or code in WAITS_S) else 0
    said = f"code {known}" if known else "no known code"  # its words may repeat the message
    return refused(response, said, CODES.get(known), WAITS_S.get(known))
