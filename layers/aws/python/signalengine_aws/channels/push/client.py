"""One message to a push service, and how its answers map to the errors of `delivery.errors`.

2xx                 the service has the message
429, 503            RetryAfterError for the seconds of Retry-After; 429 without it: `PAUSE_S`
408, 425            UnavailableError: it has not read the request
5xx                 UnavailableError, `ambiguous`: it may have the message
404, 410            UnreachableError, by the recipient: the browser has ended its subscription
401, 403            UnreachableError: it does not accept our key for this subscription
413                 RejectedError: too long
3xx, other 4xx      RejectedError, `unknown`: some in a row park the address
"""

from collections.abc import Mapping
from typing import Final, Protocol

from ...delivery.errors import (
    RejectedError,
    RetryAfterError,
    UnavailableError,
    UnreachableError,
)
from ..http.client import Response

PAUSE_S: Final = 60
LONGEST_PAUSE_S: Final = 3_600
_NOT_READ: Final = frozenset({408, 425})
_GONE: Final = frozenset({404, 410})


class Poster(Protocol):
    """Sends a request to a URL, with the errors of `OutboundClient`."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response: ...


def post(poster: Poster, url: str, body: bytes, headers: Mapping[str, str]) -> str:
    """Return the receipt of a message; raises the errors above."""
    response = poster.post(url, body, headers)
    status = response.status
    if 200 <= status < 300:
        return f"HTTP {status}"
    wait_s = _seconds(response.headers.get("retry-after", ""))
    if status == 429 or (status == 503 and wait_s is not None):
        raise RetryAfterError(wait_s or PAUSE_S)
    if status >= 500 or status in _NOT_READ:
        raise UnavailableError(f"HTTP {status}", ambiguous=status not in _NOT_READ)
    if status in _GONE:
        raise UnreachableError(f"HTTP {status}: the browser is gone", by_recipient=True)
    if status in (401, 403):
        raise UnreachableError(f"HTTP {status}: our key is not accepted for it")
    if status == 413:
        raise RejectedError("HTTP 413: the message is too long")
    raise RejectedError(f"HTTP {status}", unknown=True)


def _seconds(value: str) -> int | None:
    """Return the seconds of a Retry-After header; None without one, and for a date."""
    text = value.strip()
    if not (text.isascii() and text.isdecimal()):
        return None
    return min(max(int(text[:9]), 1), LONGEST_PAUSE_S)
