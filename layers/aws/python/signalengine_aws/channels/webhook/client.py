"""One signed request to a receiver, and how its answers map to the errors of `delivery.errors`.

2xx                 it has the event
408, 425            UnavailableError: it has not read the request
429, 503            RetryAfterError for the seconds of Retry-After, with that header
429                 RetryAfterError of `PAUSE_S`, without it
5xx                 UnavailableError, `ambiguous`: it may have the event
410                 UnreachableError, by the recipient: the destination is unsubscribed
3xx, other 4xx      RejectedError, `unknown`: some in a row park the destination
"""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final, Protocol

from ...delivery.errors import (
    RejectedError,
    RetryAfterError,
    UnavailableError,
    UnreachableError,
)
from ...runtime.clock import Clock
from ..http.client import Response

PAUSE_S: Final = 30
LONGEST_PAUSE_S: Final = 3_600
"""A receiver that names more is tried again after this."""
_NOT_READ: Final = frozenset({408, 425})


class Poster(Protocol):
    """Sends a request to a URL, with the errors of `OutboundClient`."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response: ...


def post(poster: Poster, url: str, body: bytes, headers: Mapping[str, str], clock: Clock) -> str:
    """Return the receipt of a request; raises the errors above."""
    response = poster.post(url, body, headers)
    status = response.status
    if 200 <= status < 300:
        return f"HTTP {status}"
    wait_s = retry_after_s(response.headers.get("retry-after", ""), clock)
    if status == 429 or (status == 503 and wait_s is not None):
        raise RetryAfterError(PAUSE_S if wait_s is None else wait_s)
    if status >= 500 or status in _NOT_READ:
        raise UnavailableError(f"HTTP {status}", ambiguous=status not in _NOT_READ)
    if status == 410:
        raise UnreachableError("HTTP 410: it wants no more", by_recipient=True)
    if 300 <= status < 400:
        raise RejectedError(f"HTTP {status}: redirects are not followed", unknown=True)
    raise RejectedError(f"HTTP {status}", unknown=True)


def retry_after_s(value: str, clock: Clock) -> int | None:
    """Return the seconds of a Retry-After header, 1 to `LONGEST_PAUSE_S`; None without one."""
    text = value.strip()
    if text.isascii() and text.isdecimal():
        seconds = int(text[:9])
    else:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = round(moment.timestamp() - clock() / 1000)
    return min(max(seconds, 1), LONGEST_PAUSE_S)
