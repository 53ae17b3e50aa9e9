"""The REST interface of Binance USD-M: paths, query parameters, weights and limits."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from ...facts.stream import Bar
from ...intervals import INTERVAL_MS
from ...market_data import Funding, OpenInterest, Universe
from ..port import RestLimits, RestRequest
from .contracts import parse_day_volumes, parse_funding_hours, parse_universe
from .messages import (
    parse_funding_rates,
    parse_kline_rows,
    parse_open_interest,
    parse_open_interest_history,
    parse_server_time,
)

SERVER_TIME: Final = "/fapi/v1/time"
KLINES: Final = "/fapi/v1/klines"
OPEN_INTEREST_HISTORY: Final = "/futures/data/openInterestHist"
FUNDING_RATES: Final = "/fapi/v1/fundingRate"


class BinanceRest:
    """Implements `Rest`."""

    limits = RestLimits(
        weight_per_minute=2_400,  # by IP address, USD-M and COIN-M together
        pauses_s={429: 10.0, 418: 120.0, 403: 60.0},  # too many, banned, firewall
        region_status=451,
    )

    def weight_used(self, headers: Mapping[str, str]) -> int | None:
        """Return the header X-MBX-USED-WEIGHT-1M."""
        used = headers.get("X-MBX-USED-WEIGHT-1M", "")
        return int(used) if used.isascii() and used.isdigit() else None

    def server_time(self) -> RestRequest[int]:
        """Request `/fapi/v1/time`."""
        return RestRequest(SERVER_TIME, {}, 1, parse_server_time)

    def universe(self) -> RestRequest[Universe]:
        """Request `/fapi/v1/exchangeInfo`."""
        return RestRequest("/fapi/v1/exchangeInfo", {}, 1, parse_universe)

    def day_volumes(self) -> RestRequest[dict[str, float]]:
        """Request `/fapi/v1/ticker/24hr`."""
        return RestRequest("/fapi/v1/ticker/24hr", {}, 40, parse_day_volumes)

    def funding_hours(self) -> RestRequest[dict[str, int]]:
        """Request `/fapi/v1/fundingInfo`."""
        return RestRequest("/fapi/v1/fundingInfo", {}, 1, parse_funding_hours)

    def last_bars(
        self, symbol: str, interval: str, end: int, limit: int
    ) -> RestRequest[tuple[Bar, ...]]:
        """Request `/fapi/v1/klines` up to `end`."""
        last = end // INTERVAL_MS[interval] * INTERVAL_MS[interval]
        query: dict[str, str | int] = {
            "symbol": symbol, "interval": interval, "limit": limit, "endTime": last - 1,
        }  # fmt: skip
        return _klines(query, interval, limit)

    def bars_between(
        self, symbol: str, interval: str, start: int, end: int
    ) -> RestRequest[tuple[Bar, ...]]:
        """Request `/fapi/v1/klines` of a span."""
        limit = (end - start) // INTERVAL_MS[interval]
        query: dict[str, str | int] = {
            "symbol": symbol, "interval": interval, "limit": limit, "startTime": start,
            "endTime": end - 1,
        }  # fmt: skip
        return _klines(query, interval, limit)

    def open_interest(self, symbol: str) -> RestRequest[OpenInterest]:
        """Request `/fapi/v1/openInterest`."""
        return RestRequest("/fapi/v1/openInterest", {"symbol": symbol}, 1, parse_open_interest)

    def funding_rates(self, symbol: str, start: int, end: int) -> RestRequest[tuple[Funding, ...]]:
        """Request `/fapi/v1/fundingRate`, which has a limit of its own: 500 in 5 minutes."""
        query: dict[str, str | int] = {
            "symbol": symbol, "startTime": start, "endTime": end, "limit": 100,
        }  # fmt: skip
        return RestRequest(FUNDING_RATES, query, 1, parse_funding_rates)

    def replayed_open_interest(self, start: int, end: int) -> RestRequest[tuple[OpenInterest, ...]]:
        """Request the local exchange's own path; Binance has only the open interest of now and of
        every 5 minutes."""
        query: dict[str, str | int] = {"startTime": start, "endTime": end}
        return RestRequest("/_local/openInterest", query, 0, parse_open_interest_history)


def klines_weight(limit: int) -> int:
    """Return the weight of a request for so many klines."""
    for most, weight in ((99, 1), (499, 2), (1000, 5)):
        if limit <= most:
            return weight
    return 10


def _klines(
    query: Mapping[str, str | int], interval: str, limit: int
) -> RestRequest[tuple[Bar, ...]]:
    parse = partial(parse_kline_rows, interval=interval)
    return RestRequest(KLINES, query, klines_weight(limit), parse)
