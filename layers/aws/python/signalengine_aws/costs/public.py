"""The most that visitors can cost a day where everyone may read, by calls to both endpoints.

Each route accepts so many calls a second, all day, each of them the dearest of its kind; calls
beyond are refused by API Gateway, which does not bill them. What the HTTP API may spend on answers
is a budget that its function charges. A test compares the limits with the template.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from .model import PER_STATUS, Amounts, beat_bytes, invoked, per_price_post, scaled, total
from .prices import DATED, GB, PRICES, REGION, Unit
from .usage import FEW_CLIENTS, RECORDED

SECONDS_A_DAY: Final = 86_400
MINUTES_A_DAY: Final = 1_440
KB: Final = 1024
FRAME_BYTES: Final = 32 * KB
"""A WebSocket message is billed by these."""

SYMBOLS: Final = 20
"""Where no number is given."""
CONNECTIONS: Final = 120
HTTP_RATES: Final[Mapping[str, float]] = {
    "$default": 3, "POST /telegram": 1, "ANY /settings/{proxy+}": 0.1, "ANY /email/{proxy+}": 0.02,
    "GET /push/key": 0.05, "ANY /push/{proxy+}": 0.01,
}  # fmt: skip
"""Requests a second: of the HTTP API's other routes together, the webhook, operators, e-mail, and
browsers that ask for the key or subscribe.
"""
SOCKET_RATES: Final[Mapping[str, float]] = {
    "$connect": 0.5, "$default": 1, "ping": 1, "resume": 0.2, "chat": 0.1,
}  # fmt: skip
"""Of each route; $disconnect has that of $default, and follows $connect."""
ANSWERS_USD: Final = 0.8
"""A day's budget for the answers of the HTTP API: their data, reads and time."""
READS_A_SECOND: Final = 1_000
"""Read units that a second of a request's time may take (more than measured)."""

IDLE_MINUTES: Final = 10
RESUME_BYTES: Final = 100 * KB
RESUME_READ_UNITS: Final = 2 * 201 * 1.9 / 8
"""Two queries of 201 signals of 1.9 KB, eventually consistent."""
CHAT_READ_UNITS: Final = 100
CHAT_POSTS: Final = 6
STATUSES_A_DAY: Final = MINUTES_A_DAY
"""With more than twenty clients a status is sent once a minute."""
SIGNAL_BYTES: Final = 1_400
BROWSERS: Final = 500
"""Most that subscribe to Web Push."""

_ANSWERED: Final[Amounts] = {Unit.SOCKET_MESSAGE: 2}
"""A message, and a short answer."""
PER_CALL: Final[Mapping[str, tuple[Amounts, ...]]] = {
    "$connect": (
        # it connects, says nothing, and is disconnected
        invoked(2, 15),
        {Unit.SOCKET_MESSAGE: 2, Unit.SOCKET_MINUTE: IDLE_MINUTES, Unit.WRITE: 2},
        {Unit.READ: CONNECTIONS * 0.2 / 8 + 4 * 0.5},  # counted, at most
    ),
    "$default": (_ANSWERED, invoked(1, 10)),
    "ping": (_ANSWERED, invoked(1, 10)),
    "resume": (
        invoked(1, 100),
        {
            Unit.SOCKET_MESSAGE: 1 + -(-RESUME_BYTES // FRAME_BYTES),
            Unit.EGRESS_GB: RESUME_BYTES / GB,
            Unit.READ: RESUME_READ_UNITS,
            Unit.WRITE: 1,
        },
    ),
    "chat": (
        invoked(1, 200),
        {Unit.SOCKET_MESSAGE: 1 + CHAT_POSTS, Unit.READ: CHAT_READ_UNITS, Unit.WRITE: 1},
    ),
}
PER_REQUEST: Final[Mapping[str, tuple[Amounts, ...]]] = {
    # what is charged to the budget comes beside it
    "$default": ({Unit.HTTP_REQUEST: 1, Unit.WRITE: 1}, invoked(1, 10)),
    "POST /telegram": ({Unit.HTTP_REQUEST: 1}, invoked(1, 10)),
    # its memory is twice that of the others; a wrong token is counted and refused
    "ANY /settings/{proxy+}": ({Unit.HTTP_REQUEST: 1, Unit.WRITE: 1}, invoked(1, 20)),
    # four counters and a mail; or an address and the number of all, by a transaction
    "ANY /email/{proxy+}": ({Unit.HTTP_REQUEST: 1, Unit.WRITE: 6, Unit.READ: 4}, invoked(1, 1_000)),
    "GET /push/key": ({Unit.HTTP_REQUEST: 1}, invoked(1, 10)),
    # a counter, an endpoint of up to 2 KB and preferences; two items, and all browsers are counted
    "ANY /push/{proxy+}": (
        {Unit.HTTP_REQUEST: 1, Unit.WRITE: 6, Unit.READ: 3 + BROWSERS * 2.3 / 8}, invoked(1, 300),
    ),
}  # fmt: skip


def request_usd(seconds: float, size_bytes: float) -> float:
    """Return US dollars of an answer of the HTTP API by its time and size: a bound."""
    reads = READS_A_SECOND * PRICES[Unit.READ].each
    memory = 0.5 * PRICES[Unit.GB_S].each
    return seconds * (reads + memory) + size_bytes / GB * PRICES[Unit.EGRESS_GB].each


def public_day(symbols: int) -> dict[str, float]:
    """Return US dollars a day by what is called, where everyone may read."""
    parts = {f"HTTP, {key}": _all_day(rate, PER_REQUEST[key]) for key, rate in HTTP_RATES.items()}
    parts["HTTP, answers"] = ANSWERS_USD
    parts |= {
        f"WebSocket, {key}": _all_day(rate, PER_CALL[key]) for key, rate in SOCKET_RATES.items()
    }
    parts["WebSocket, listeners"] = CONNECTIONS * _usd(_listener(symbols))
    parts["WebSocket, prices"] = _usd(_prices(symbols))
    return parts


def exposure(symbols: int) -> dict[str, Any]:
    """Return what visitors can cost a day, as a document for programs."""
    parts = public_day(symbols)
    return {
        "region": REGION,
        "priced_on": DATED,
        "symbols": symbols,
        "usd_a_day": round(sum(parts.values()), 2),
        "by_part": {name: round(usd, 2) for name, usd in parts.items()},
        "basis": "The most that visitors can add to a day's bill where everyone may read "
        "(deploy --public), by calling both endpoints directly, all day, at the limits of every "
        "route; also behind a CDN, which can only pass fewer calls on. A chat with a model of "
        "Bedrock is not in it. Calls beyond the limits are refused and not billed.",
    }


def _listener(symbols: int) -> Amounts:
    """Return the units of a day of a connected client."""
    signals = MINUTES_A_DAY * symbols * RECORDED.opened * 2
    sent = STATUSES_A_DAY * beat_bytes(symbols) + signals * SIGNAL_BYTES
    return {
        Unit.SOCKET_MINUTE: MINUTES_A_DAY,
        Unit.SOCKET_MESSAGE: STATUSES_A_DAY + signals,
        Unit.EGRESS_GB: sent / GB,
    }


def _prices(symbols: int) -> Amounts:
    """Return the units of a day of prices: to twenty clients in ten seconds, whatever number."""
    posts = SECONDS_A_DAY / 10 * FEW_CLIENTS
    published = [scaled(SECONDS_A_DAY / 10, one) for one in PER_STATUS]
    return total([*published, *(scaled(posts, one) for one in per_price_post(symbols))])


def _all_day(rate: float, amounts: Iterable[Amounts]) -> float:
    return _usd(scaled(rate * SECONDS_A_DAY, total(amounts)))


def _usd(amounts: Amounts) -> float:
    return sum(amount * PRICES[unit].each for unit, amount in amounts.items())
