"""REST: one client, one weight budget; the meaning of each HTTP status is decided here.

200 is data. A status of the exchange's rate limit or firewall pauses all callers. The status of a
refused location is fatal. 5xx, network errors and answers that are not JSON are retried a few
times. Any other 4xx is our own mistake and is not retried.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, TypeVar

import requests
from signalengine.errors import MalformedFactError, PermanentError, TransientError
from signalengine.exchanges import port
from signalengine.exchanges.port import RestRequest
from signalengine.facts.stream import Bar
from signalengine.market_data import Funding, OpenInterest, Universe

from ..causes import AnswerError
from ..logs import Log
from ..outbound import http_session
from ..startup import Startup, silent

WINDOW_S: Final = 60.0
TIMEOUT_S: Final = (3.0, 8.0)
"""Seconds to connect, seconds between bytes."""
TRIES: Final = 4
SKEW_WITHIN_MS: Final = 2_000
"""Slower answers are not used to compare clocks."""
FIRST_WAIT_S: Final = 0.2
_FAILURES: Final = (requests.RequestException, ValueError)
"""What requests raises; ValueError for the address of a redirect that it cannot read."""

_LOG = Log("rest")
_T = TypeVar("_T")


class ExchangeAwayError(TransientError):
    """No usable answer: network, overload, rate limit."""


class RequestRefusedError(PermanentError):
    """The exchange refused the request itself (unknown symbol, wrong parameter)."""


class RegionRefusedError(PermanentError):
    """The exchange does not serve the location this runs in."""


class StoppedError(TransientError):
    """The task is stopping: no request is sent any more."""


class WeightBudget:
    """Request weight used in the last minute, by all callers, as the exchange counts it."""

    def __init__(self, limit: int) -> None:
        """`limit`: weight a minute."""
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
        """Use the exchange's own count where it is higher (other programs share the address)."""
        now = time.monotonic()
        with self._lock:
            known = sum(amount for at, amount in self._used if at > now - WINDOW_S)
            if used > known:
                self._used.append((now, used - known))

    @property
    def closed_s(self) -> float:
        """For how many seconds every caller is still refused."""
        return max(0.0, self._closed_until - time.monotonic())

    def close(self, seconds: float) -> None:
        """Refuse every caller for so many seconds."""
        with self._lock:
            self._closed_until = max(self._closed_until, time.monotonic() + seconds)


class RestClient:
    """Sends the requests of an exchange's REST interface that the task uses. Thread-safe."""

    def __init__(
        self,
        api: port.Rest,
        base: str,
        stop: threading.Event,
        budget: WeightBudget | None = None,
        tries: int = TRIES,
        startup: Startup | None = None,
    ) -> None:
        self.startup = startup or silent()
        self._api, self._base, self._stop, self._tries = api, base, stop, tries
        self._budget = budget or WeightBudget(api.limits.weight_per_minute)
        self._local = threading.local()
        self._known_time = 0
        self.skew_ms: int | None = None
        """This machine's clock minus the exchange's, from the latest quick answer."""

    def server_time(self) -> int:
        """Return the exchange's time, and measure how far this machine's clock is off."""
        sent = time.time_ns() // 1_000_000
        server = self._get(self._api.server_time())
        answered = time.time_ns() // 1_000_000
        if answered - sent <= SKEW_WITHIN_MS:
            self.skew_ms = (sent + answered) // 2 - server
            self.startup.skewed(self.skew_ms)
        self._known_time = max(self._known_time, server)
        return server

    def has_passed(self, moment: int) -> bool:
        """Return whether the exchange's own clock is past `moment`; requests it only if needed."""
        return self._known_time >= moment or self.server_time() >= moment

    def universe(self) -> Universe:
        """Return which symbols can be followed."""
        return self._get(self._api.universe())

    def day_volumes(self) -> dict[str, float]:
        """Return each symbol's quote volume of 24 h."""
        return self._get(self._api.day_volumes())

    def funding_hours(self) -> dict[str, int]:
        """Return hours between funding payments, where they are not the usual 8."""
        return self._get(self._api.funding_hours())

    def closed_bars(
        self, symbol: str, interval: str, end: int, limit: int, *, share: float = 0.9
    ) -> tuple[Bar, ...]:
        """Return the last `limit` bars that closed at or before `end`, oldest first."""
        bars = self._get(self._api.last_bars(symbol, interval, end, limit), share)
        return tuple(bar for bar in bars if bar.close_time <= end)

    def bars_between(
        self, symbol: str, interval: str, start: int, end: int, *, share: float = 0.98
    ) -> tuple[Bar, ...]:
        """Return the bars with `start` <= open time < `end`, as far as the exchange has them."""
        bars = self._get(self._api.bars_between(symbol, interval, start, end), share)
        return tuple(bar for bar in bars if start <= bar.open_time < end)

    def open_interest(self, symbol: str, *, share: float = 0.7) -> OpenInterest:
        """Return the open interest of now."""
        return self._get(self._api.open_interest(symbol), share)

    def replayed_open_interest(self, start: int, end: int) -> tuple[OpenInterest, ...]:
        """Return every symbol's open interest at the ends of minutes, `start` <= time <= `end`.

        Only a replayed market answers it (infra/local/exchange): the same whenever it is requested.
        """
        return self._get(self._api.replayed_open_interest(start, end))

    def funding_rates(self, symbol: str, start: int, end: int) -> tuple[Funding, ...]:
        """Return the payments with `start` <= time <= `end`."""
        return self._get(self._api.funding_rates(symbol, start, end))

    def _get(self, request: RestRequest[_T], share: float = 0.98) -> _T:
        """Return what the answer to a request is parsed to.

        `share` is the part of the weight budget this caller may fill. Raises ExchangeAwayError,
        MalformedFactError (unusable, or not JSON every time), RequestRefusedError,
        RegionRefusedError or StoppedError.
        """
        return request.parse(self._json(request, share))

    def _json(self, request: RestRequest[Any], share: float) -> Any:
        """Return the JSON of a GET, tried a few times."""
        problem: Exception = ExchangeAwayError("never tried")
        for number in range(self._tries):
            if number:
                self._pause(FIRST_WAIT_S * 2 ** (number - 1))
            while request.weight and (wait := self._budget.try_take(request.weight, share)):
                self._pause(wait)
            self.startup.requested(self._base)
            try:
                response = self._session().get(
                    self._base + request.path, params=request.query, timeout=TIMEOUT_S
                )
                answer = self._read(response, request.path)
            except (*_FAILURES, ExchangeAwayError, MalformedFactError) as error:
                problem = error
                self.startup.failed(self._base, error, self._closed_s(FIRST_WAIT_S * 2**number))
            else:
                self.startup.answered()
                return answer
        if isinstance(problem, MalformedFactError):
            raise problem
        raise ExchangeAwayError(f"{request.path}: {problem}") from problem

    def _closed_s(self, at_least: float) -> float:
        """Return the seconds until the next try."""
        return max(at_least, self._budget.closed_s)

    def _read(self, response: requests.Response, path: str) -> Any:
        used = self._api.weight_used(response.headers)
        if used is not None:
            self._budget.observe(used)
        status, limits = response.status_code, self._api.limits
        if status == 200:
            try:
                return response.json()
            except (ValueError, RecursionError) as error:
                raise MalformedFactError(f"{path}: not JSON") from error
        reason = f"HTTP {status} {response.text[:200]}"
        if status == limits.region_status:
            raise RegionRefusedError(reason)
        if status in limits.pauses_s:
            seconds = _retry_after(response) or limits.pauses_s[status]
            self._budget.close(seconds)
            _LOG.warning("rest_closed", path=path, status=status, seconds=seconds)
        elif 400 <= status < 500:
            raise RequestRefusedError(f"{path}: {reason}")
        raise ExchangeAwayError(reason) from AnswerError(status, reason)

    def _pause(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise StoppedError("stopping")

    def _session(self) -> requests.Session:
        """Return the session of this thread: sessions must not be shared."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = http_session(self._base)
        return session


def _retry_after(response: requests.Response) -> float:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 7 else 0.0


def until_answered(
    call: Callable[[], _T], stop: threading.Event, what: str, startup: Startup | None = None
) -> _T:
    """Call until it returns, waiting 30 s at most between tries; raises only permanent errors."""
    wait = 1.0
    while True:
        try:
            return call()
        except StoppedError:
            raise
        except TransientError as error:
            _LOG.warning("exchange_away", what=what, reason=str(error), retry_in_s=wait)
            if startup is not None:
                startup.retries(wait)
            if stop.wait(wait):
                raise StoppedError("stopping") from error
            wait = min(30.0, wait * 2)
