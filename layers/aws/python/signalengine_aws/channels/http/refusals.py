"""What an answer that is no success means, for services that are sent to over HTTP (pure).

| status | error |
|---|---|
| 429 | RetryAfterError: of the seconds that the service names |
| 408, 425 | UnavailableError: the request was not read |
| 5xx | UnavailableError, `ambiguous`: the message may have arrived |
| 3xx, 401, 403, 404, 405, 407 | UnreachableError: the address or its credentials are wrong |
| 410 | UnreachableError `by_recipient`: the address has ended |
| 413 | RejectedError: this message cannot be sent |
| any other | RejectedError `unknown` |

A service's own code goes before its status.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final

from ...delivery.errors import (
    RejectedError,
    RetryAfterError,
    UnavailableError,
    UnreachableError,
)
from .client import Response

DEFAULT_RETRY_AFTER_S: Final = 5
LONGEST_RETRY_AFTER_S: Final = 43_200
"""As long as a queue hides a message; then it is tried again."""
_TOO_MANY: Final = 429
_NOT_READ: Final = (408, 425)


class Meaning(StrEnum):
    """What a refusal leads to."""

    PARK = "park the address; its messages wait"
    LEAVE = "end the address's subscription"
    REJECT = "set this message aside"


_STATUSES: Final[Mapping[int, Meaning]] = {
    401: Meaning.PARK, 403: Meaning.PARK, 404: Meaning.PARK, 405: Meaning.PARK, 407: Meaning.PARK,
    410: Meaning.LEAVE, 413: Meaning.REJECT,
}  # fmt: skip


def refused(
    response: Response, reason: str, meaning: Meaning | None = None, seconds: float | None = None
) -> Exception:
    """Return the error of an answer; `reason` has nothing of the request in it.

    `meaning` is that of the service's own code, `seconds` what its body says of a rate limit.
    """
    status, text = response.status, f"{response.status}: {reason}"[:300]
    if status == _TOO_MANY:
        return RetryAfterError(retry_after_s(response, seconds))
    if status in _NOT_READ or status >= 500:
        return UnavailableError(text, ambiguous=status not in _NOT_READ)
    if 300 <= status < 400:
        return UnreachableError(f"{status}: the service redirects, which is not followed")
    match meaning or _STATUSES.get(status):
        case Meaning.PARK | Meaning.LEAVE as known:
            return UnreachableError(text, by_recipient=known is Meaning.LEAVE)
        case Meaning.REJECT:
            return RejectedError(text)
        case None:
            return RejectedError(text, unknown=True)


def unreadable(response: Response) -> Exception:
    """Return the error of a success without the service's own answer: it may be another's."""
    reason = f"HTTP {response.status} without the service's answer"
    return UnavailableError(reason, ambiguous=True)


def retry_after_s(response: Response, seconds: float | None = None) -> int:
    """Return how long a service wants to be left alone: the longest time that it names.

    Never fewer seconds than those, at least one, and at most `LONGEST_RETRY_AFTER_S`.
    """
    named = [seconds, _header_s(response.headers.get("retry-after", ""))]
    known = [one for one in named if one is not None and math.isfinite(one) and one >= 0.0]
    return min(max(1, math.ceil(max(known, default=DEFAULT_RETRY_AFTER_S))), LONGEST_RETRY_AFTER_S)


def _header_s(value: str) -> float | None:
    """Read a Retry-After: seconds, or the time of a clock."""
    found = number(value)
    if found is not None:
        return found
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def number(value: Any) -> float | None:
    """Return a number of an answer; None for what is none."""
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None
