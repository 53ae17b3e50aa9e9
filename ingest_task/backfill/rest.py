"""REST: one client, one weight budget. What each answer means is decided here.

200 is data · 429 and 418 close the budget for everybody until it may be used again · 403 is a
firewall and waits a minute · 451 is a place Binance does not serve, fatal · 5xx and broken lines
are tried again a few times, and so is what is no JSON · any other 4xx is our own mistake and is
not.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import requests
from signalengine.errors import MalformedFactError, PermanentError, TransientError
from signalengine.exchanges.binance import contracts, messages
from signalengine.exchanges.binance.contracts import Universe
from signalengine.exchanges.binance.messages import Funding, OpenInterest
from signalengine.facts.stream import Bar
from signalengine.intervals import INTERVAL_MS

from ..logs import Log

WEIGHT_LIMIT: Final = 2_400
"""Per minute and IP, shared by USD-M and COIN-M."""
WINDOW_S: Final = 60.0
TIMEOUT_S: Final = (3.0, 8.0)
"""Seconds to connect, seconds between bytes."""
TRIES: Final = 4
SKEW_WITHIN_MS: Final = 2_000
"""A slower answer says nothing about clocks."""
FIRST_WAIT_S: Final = 0.2

_CLOSES: Final = {429: 10.0, 418: 120.0, 403: 60.0}
"""Seconds the budget stays closed after these, unless the answer says how long."""
_LOG = Log("rest")
_T = TypeVar("_T")


class ExchangeAwayError(TransientError):
    """No answer worth reading: network, overload, rate limit."""


class RequestRefusedError(PermanentError):
    """The exchange understood and said no (unknown symbol, wrong parameter)."""


class RegionRefusedError(PermanentError):
    """HTTP 451: Binance does not serve the place this runs in."""


class StoppedError(TransientError):
    """The task is stopping; nothing is asked any more."""


class WeightBudget:
    """Request weight used in the last minute, by all callers, as the exchange counts it."""

    def __init__(self, limit: int = WEIGHT_LIMIT) -> None:
        self._limit = limit
        self._used: deque[tuple[float, int]] = deque()
        self._closed_until = 0.0
        self._lock = threading.Lock()

    def try_take(self, weight: int, share: float) -> float:
        """Take `weight` if less than `share` of the limit is used then.

        Returns 0 when taken, else seconds after which to try again.
        """
        now = time.monotonic()
        with self._lock:
            if now < self._closed_until:
                return self._closed_until - now
            while self._used and self._used[0][0] <= now - WINDOW_S:
                self._used.popleft()
            used = sum(amount for _, amount in self._used)
            if used + weight > self._limit * share and self._used:
                return max(0.01, self._used[0][0] + WINDOW_S - now)
            self._used.append((now, weight))
        return 0.0

    def observe(self, used: int) -> None:
        """Take over the exchange's own count where it is higher (others share the address)."""
        now = time.monotonic()
        with self._lock:
            known = sum(amount for at, amount in self._used if at > now - WINDOW_S)
            if used > known:
                self._used.append((now, used - known))

    def close(self, seconds: float) -> None:
        """Let nobody through for a while."""
        with self._lock:
            self._closed_until = max(self._closed_until, time.monotonic() + seconds)


class Rest:
    """Binance's public REST endpoints that the task uses. Thread-safe."""

    def __init__(
        self, base: str, stop: threading.Event, budget: WeightBudget, tries: int = TRIES
    ) -> None:
        self._base, self._stop, self._budget, self._tries = base, stop, budget, tries
        self._local = threading.local()
        self._known_time = 0
        self.skew_ms: int | None = None
        """This machine's clock minus the exchange's, from the quickest answer of late."""

    def server_time(self) -> int:
        """Return the exchange's time, and learn how far this machine's clock is off."""
        asked = time.time_ns() // 1_000_000
        server = messages.parse_server_time(self._get("/fapi/v1/time", {}, 1))
        answered = time.time_ns() // 1_000_000
        if answered - asked <= SKEW_WITHIN_MS:
            self.skew_ms = (asked + answered) // 2 - server
        self._known_time = max(self._known_time, server)
        return server

    def has_passed(self, moment: int) -> bool:
        """Return whether the exchange's own clock is past `moment`; asks only when in doubt."""
        return self._known_time >= moment or self.server_time() >= moment

    def universe(self) -> Universe:
        """Return what may be followed."""
        return contracts.parse_universe(self._get("/fapi/v1/exchangeInfo", {}, 1))

    def day_volumes(self) -> dict[str, float]:
        """Return each symbol's quote volume of 24 h."""
        return contracts.parse_day_volumes(self._get("/fapi/v1/ticker/24hr", {}, 40))

    def funding_hours(self) -> dict[str, int]:
        """Return hours between funding payments, where they are not the usual 8."""
        return contracts.parse_funding_hours(self._get("/fapi/v1/fundingInfo", {}, 1))

    def closed_bars(
        self, symbol: str, interval: str, end: int, limit: int, *, share: float = 0.9
    ) -> tuple[Bar, ...]:
        """Return the last `limit` bars that closed at or before `end`, oldest first."""
        last = end // INTERVAL_MS[interval] * INTERVAL_MS[interval]
        query = {"symbol": symbol, "interval": interval, "limit": limit, "endTime": last - 1}
        rows = self._get("/fapi/v1/klines", query, _klines_weight(limit), share)
        bars = messages.parse_kline_rows(rows, interval)
        return tuple(bar for bar in bars if bar.close_time <= end)

    def bars_between(
        self, symbol: str, interval: str, start: int, end: int, *, share: float = 0.98
    ) -> tuple[Bar, ...]:
        """Return the bars with `start` <= open time < `end`, as far as the exchange has them."""
        limit = (end - start) // INTERVAL_MS[interval]
        query = {
            "symbol": symbol, "interval": interval, "limit": limit, "startTime": start,
            "endTime": end - 1,
        }  # fmt: skip
        rows = self._get("/fapi/v1/klines", query, _klines_weight(limit), share)
        bars = messages.parse_kline_rows(rows, interval)
        return tuple(bar for bar in bars if start <= bar.open_time < end)

    def open_interest(self, symbol: str, *, share: float = 0.7) -> OpenInterest:
        """Return the open interest of now."""
        return messages.parse_open_interest(
            self._get("/fapi/v1/openInterest", {"symbol": symbol}, 1, share)
        )

    def replayed_open_interest(self, start: int, end: int) -> tuple[OpenInterest, ...]:
        """Return every symbol's open interest at the ends of minutes, `start` <= time <= `end`.

        Only a market that is replayed can say (infra/local/exchange): the answer is the same
        whenever it is asked. Binance itself tells the open interest of now, and of every 5 minutes.
        """
        query = {"startTime": start, "endTime": end}
        return messages.parse_open_interest_history(self._get("/_local/openInterest", query, 0))

    def funding_rates(self, symbol: str, start: int, end: int) -> tuple[Funding, ...]:
        """Return the payments with `start` <= time <= `end` (its own limit: 500 in 5 minutes)."""
        query = {"symbol": symbol, "startTime": start, "endTime": end, "limit": 100}
        return messages.parse_funding_rates(self._get("/fapi/v1/fundingRate", query, 1))

    def _get(self, path: str, query: Mapping[str, Any], weight: int, share: float = 0.98) -> Any:
        """Return the JSON of a GET, tried a few times.

        `share` is the part of the weight budget this caller may fill. Raises ExchangeAwayError,
        MalformedFactError (no JSON, every time), RequestRefusedError, RegionRefusedError or
        StoppedError.
        """
        problem: Exception = ExchangeAwayError("never tried")
        for number in range(self._tries):
            if number:
                self._pause(FIRST_WAIT_S * 2 ** (number - 1))
            while weight and (wait := self._budget.try_take(weight, share)):
                self._pause(wait)
            try:
                response = self._session().get(self._base + path, params=query, timeout=TIMEOUT_S)
                return self._read(response, path)
            except (requests.RequestException, ExchangeAwayError, MalformedFactError) as error:
                problem = error
        if isinstance(problem, MalformedFactError):
            raise problem
        raise ExchangeAwayError(f"{path}: {problem}")

    def _read(self, response: requests.Response, path: str) -> Any:
        used = response.headers.get("X-MBX-USED-WEIGHT-1M", "")
        if used.isascii() and used.isdigit():
            self._budget.observe(int(used))
        status = response.status_code
        if status == 200:
            try:
                return response.json()
            except (ValueError, RecursionError) as error:
                raise MalformedFactError(f"{path}: not JSON") from error
        reason = f"HTTP {status} {response.text[:200]}"
        if status == 451:
            raise RegionRefusedError(reason)
        if status in _CLOSES:
            seconds = _retry_after(response) or _CLOSES[status]
            self._budget.close(seconds)
            _LOG.warning("rest_closed", path=path, status=status, seconds=seconds)
        elif 400 <= status < 500:
            raise RequestRefusedError(f"{path}: {reason}")
        raise ExchangeAwayError(reason)

    def _pause(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise StoppedError("stopping")

    def _session(self) -> requests.Session:
        """One session a thread: they are not made to be shared."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
        return session


def _retry_after(response: requests.Response) -> float:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 7 else 0.0


def _klines_weight(limit: int) -> int:
    for most, weight in ((99, 1), (499, 2), (1000, 5)):
        if limit <= most:
            return weight
    return 10


def patiently(call: Callable[[], _T], stop: threading.Event, what: str) -> _T:
    """Call until it answers, at most 30 s between tries; only permanent errors come through."""
    wait = 1.0
    while True:
        try:
            return call()
        except StoppedError:
            raise
        except TransientError as error:
            _LOG.warning("exchange_away", what=what, reason=str(error), retry_in_s=wait)
            if stop.wait(wait):
                raise StoppedError("stopping") from error
            wait = min(30.0, wait * 2)
