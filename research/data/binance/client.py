"""HTTP GET with retries; the one place that decides what each answer means.

200 is data · 404 is absent · 429 and 418 close the budget for all requests, for as long as
`Retry-After` states, else ever longer · 403 is a firewall and closes it for a minute · 451 is a
location that Binance does not serve · other 4xx are errors of ours · 5xx and broken connections are
tried again.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import aiohttp

from research.data.errors import RefusedError, SourceAwayError

from .budget import Budget, Timing

TRIES: Final = 6
LONGEST_BAN_S: Final = 600.0
"""Longer bans are errors."""
CLOSES_S: Final = {429: 10.0, 418: 120.0, 403: 60.0}
"""Seconds a budget stays closed at least after these, unless the answer states how long."""
TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)
_CHUNK: Final = 1 << 16

_T = TypeVar("_T")


class MissingError(Exception):
    """HTTP 404: never leaves this package."""


class _AgainError(Exception):
    """Worth another try: after `retry_after_s`, else after `closed` seconds, doubled each time."""

    def __init__(self, reason: str, retry_after_s: float = 0.0, closed: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after_s, self.closed = retry_after_s, closed

    def seconds(self, tried: int) -> float:
        return self.retry_after_s or min(self.closed * 2.0 ** (tried - 1), LONGEST_BAN_S)


@dataclass(frozen=True, slots=True)
class Client:
    """One source: its session, its base URL and its timing."""

    session: aiohttp.ClientSession
    base_url: str
    timing: Timing

    async def json(
        self, path: str, query: Mapping[str, str | int], budget: Budget, weight: float
    ) -> Any:
        """Return the JSON of an answer. Raises RefusedError, SourceAwayError or MissingError."""

        async def request() -> Any:
            async with self._get(path, query) as response:
                self._observe(response, budget)
                await self._check(response)
                try:
                    return await response.json(content_type=None)
                except ValueError as error:
                    raise _AgainError(f"{path}: not JSON ({error})") from error

        return await self._with_retries(path, request, budget, weight)

    async def text(self, path: str, budget: Budget) -> str:
        """Return a short text file."""

        async def request() -> str:
            async with self._get(path) as response:
                await self._check(response)
                return await response.text(errors="replace")

        return await self._with_retries(path, request, budget, 1)

    async def download(self, path: str, target: Path, budget: Budget) -> tuple[str, int]:
        """Write a file to `target`, anew; returns its SHA-256 (hex) and its size in bytes."""

        async def request() -> tuple[str, int]:
            digest, size = hashlib.sha256(), 0
            async with self._get(path) as response:
                await self._check(response)
                with target.open("wb") as file:
                    async for chunk in response.content.iter_chunked(_CHUNK):
                        digest.update(chunk)
                        size += file.write(chunk)
            return digest.hexdigest(), size

        return await self._with_retries(path, request, budget, 1)

    async def _with_retries(
        self, path: str, request: Callable[[], Awaitable[_T]], budget: Budget, weight: float
    ) -> _T:
        reason = ""
        for tried in range(1, TRIES + 1):
            await budget.take(weight, self.timing)
            try:
                return await request()
            except _AgainError as again:
                reason, closed = str(again), again.seconds(tried)
            except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
                reason, closed = f"{type(error).__name__} {error}", 0.0
            if tried < TRIES:
                await self._pause(tried, closed, budget)
        raise SourceAwayError(
            f"{self.base_url}{path}: {reason}, {TRIES} times. Repeat the same call later: it "
            "resumes where it ended."
        )

    async def _pause(self, tried: int, closed: float, budget: Budget) -> None:
        if closed:
            budget.close(closed * (1.0 + 0.1 * self.timing.chance()), self.timing)
        else:
            await self.timing.sleep(self.timing.backoff(tried))

    def _get(
        self, path: str, query: Mapping[str, str | int] | None = None
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return self.session.get(self.base_url + path, params=query, timeout=TIMEOUT)

    def _observe(self, response: aiohttp.ClientResponse, budget: Budget) -> None:
        used = response.headers.get("X-MBX-USED-WEIGHT-1M", "")
        if used.isascii() and used.isdigit():
            budget.observe(float(used), self.timing)

    async def _check(self, response: aiohttp.ClientResponse) -> None:
        status = response.status
        if status == 200:
            return
        if status == 404:
            raise MissingError(str(response.url))
        text = f"HTTP {status} {(await response.text(errors='replace'))[:200]}"
        if status == 451:
            raise RefusedError(
                f"{self.base_url}: Binance does not serve this location ({text}). "
                "Use source='archive', or run it elsewhere."
            )
        if status in CLOSES_S:
            raise _AgainError(text, self._retry_after_s(response, text), CLOSES_S[status])
        if status < 500:
            raise RefusedError(f"{response.url}: {text}. Is the symbol a USD-M one, like BTCUSDT?")
        raise _AgainError(text)

    def _retry_after_s(self, response: aiohttp.ClientResponse, text: str) -> float:
        """Return the seconds of `Retry-After`, 0 without it."""
        given = response.headers.get("Retry-After", "")
        seconds = float(given) if given.isascii() and given.isdigit() else 0.0
        if seconds > LONGEST_BAN_S:
            raise SourceAwayError(
                f"{self.base_url} refuses requests for {seconds:.0f} s ({text}). Repeat the same "
                "call after that time: it resumes where this one ended."
            )
        return seconds
