"""The REST endpoints: the public ones of USD-M futures, with their weights and errors.

Every answer is made from the market's state, which holds nothing later than the clock.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from ..faults.disturbance import moved
from ..faults.schedule import Fault, Faults
from ..market.bars import DAY_MS, INTERVAL_MS, MINUTE_MS
from ..market.instruments import Instrument, listing
from ..market.source import Funding, Mark
from ..playback.market_state import TRADING, MarketState
from ..protocol import untracked_contracts
from ..protocol.budget import Budget
from ..protocol.parameters import Parameters, RefusalError
from ..protocol.payloads import Day, array_of, row

WEIGHT_LIMIT: Final = 2_400
_HISTORY_MS: Final = 30 * DAY_MS
_PERIODS: Final = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d")
_NO_INTEREST: Final = "Symbol is on delivering or delivered or settling or closed or pre-trading."


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path: its answer (a JSON text), its weight, and its separate request budget if any."""

    answer: Callable[[MarketState, Parameters], str]
    weight: Callable[[Parameters], int]
    budget: str = ""


class Rest:
    """All REST endpoints over one market state."""

    def __init__(self, state: MarketState, faults: Faults) -> None:
        self._state = state
        self._faults = faults
        self._weight = Budget(WEIGHT_LIMIT, MINUTE_MS)
        self._others = {
            "funding": Budget(500, 5 * MINUTE_MS),
            "statistics": Budget(1_000, 5 * MINUTE_MS),
        }

    def routes(self) -> list[web.RouteDef]:
        """Return the endpoints, and a 404 handler for all other paths."""
        return [
            *(web.get(path, self._answer) for path in ENDPOINTS),
            web.route("*", "/fapi/{rest:.*}", self._unknown),
            web.route("*", "/futures/{rest:.*}", self._unknown),
        ]

    async def _answer(self, request: web.Request) -> web.Response:
        refused = await self._apply_faults(request.path)
        if refused is not None:
            return refused
        endpoint = ENDPOINTS[request.path]
        parameters = Parameters(request.query, self._state.listed)
        try:
            self._charge(endpoint, parameters)
            text, status = endpoint.answer(self._state, parameters), 200
        except RefusalError as refusal:
            text = json.dumps({"code": refusal.code, "msg": str(refusal)}, separators=(",", ":"))
            status = refusal.status
        for one in self._faults.on(self._state.clock.now, "skew"):
            text = moved(text, one.fault.offset_ms)
        used = {"X-MBX-USED-WEIGHT-1M": str(self._weight.used)}
        return web.Response(text=text, status=status, headers=used, content_type="application/json")

    async def _apply_faults(self, path: str) -> web.Response | None:
        """Apply the current faults; return an answer if one of them replaces it."""
        now = self._state.clock.now
        for one in self._faults.on(now, "slow_rest", "refuse_rest", "garbled_rest"):
            if not path.startswith(one.fault.path):
                continue
            one.strike(now)
            if one.fault.kind == "slow_rest":
                await asyncio.sleep(one.fault.delay_ms / 1_000)
            elif one.fault.kind == "garbled_rest":
                return web.Response(text="<html>", content_type="text/html")
            else:
                return _refusal(one.fault)
        return None

    def _charge(self, endpoint: Endpoint, parameters: Parameters) -> None:
        event, wall = self._state.clock.now, time.time_ns() // 1_000_000
        within = self._weight.spend(endpoint.weight(parameters), event, wall)
        if endpoint.budget:
            within &= self._others[endpoint.budget].spend(1, event, wall)
        if not within:
            raise RefusalError(
                429,
                -1003,
                f"Too many requests; current limit of IP(127.0.0.1) is {WEIGHT_LIMIT} requests "
                "per minute. Please use the websocket for live updates to avoid polling the API.",
            )

    async def _unknown(self, request: web.Request) -> web.Response:
        message = f"Path {request.path}, Method {request.method} is invalid"
        return web.json_response({"code": -5000, "msg": message}, status=404)


def _refusal(fault: Fault) -> web.Response:
    status = int(fault.status)
    code, words = _REFUSALS.get(status, (-1000, "An unknown error occurred."))
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
    return web.json_response({"code": code, "msg": words}, status=status, headers=headers)


_RESTRICTED: Final = (
    "Service unavailable from a restricted location according to 'b. Eligibility' in "
    "https://www.binance.com/en/terms."
)
_REFUSALS: Final = {
    403: (0, "Forbidden"),
    418: (-1003, "Way too many requests; IP(127.0.0.1) banned until later."),
    429: (-1003, "Too many requests; please use the websocket for live updates."),
    451: (0, _RESTRICTED),
    503: (0, "Service Unavailable"),
}


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _ping(_state: MarketState, _parameters: Parameters) -> str:
    return "{}"


def _time(state: MarketState, _parameters: Parameters) -> str:
    return _text({"serverTime": state.clock.now})


def _exchange_info(state: MarketState, _parameters: Parameters) -> str:
    limits = [("REQUEST_WEIGHT", "MINUTE", 1, WEIGHT_LIMIT), ("ORDERS", "MINUTE", 1, 1_200)]
    return _text({
        "timezone": "UTC",
        "serverTime": state.clock.now,
        "futuresType": "U_MARGINED",
        "rateLimits": [
            {"rateLimitType": kind, "interval": span, "intervalNum": number, "limit": limit}
            for kind, span, number, limit in limits
        ],
        "exchangeFilters": [],
        "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"}],
        "symbols": [
            *(listing(coin, state.status(coin.symbol)) for coin in state.listed.values()),
            *untracked_contracts.listings(),
        ],
    })  # fmt: skip


def _klines(state: MarketState, parameters: Parameters) -> str:
    symbol, interval = parameters.symbol(), parameters.interval()
    start, end = parameters.times()
    bars = state.klines(symbol, interval, start, end, parameters.limit(500, 1_500))
    if (known := state.known_until) is not None:
        bars = [bar for bar in bars if bar.open_time + INTERVAL_MS[interval] <= known]
    coin = state.instruments[symbol]
    return array_of(row(coin, bar, interval) for bar in bars)


def _klines_weight(parameters: Parameters) -> int:
    limit = parameters.limit(500, 1_500)
    return 1 if limit < 100 else 2 if limit < 500 else 5 if limit <= 1_000 else 10


def _open_interest(state: MarketState, parameters: Parameters) -> str:
    symbol = parameters.symbol()
    value = state.interest(symbol) if state.status(symbol) == TRADING else None
    if value is None:
        raise RefusalError(400, -4108, _NO_INTEREST)
    text = state.instruments[symbol].quantity_text(value)
    return _text({"openInterest": text, "symbol": symbol, "time": state.clock.now})


def _open_interest_history(state: MarketState, parameters: Parameters) -> str:
    symbol, period = parameters.symbol(), INTERVAL_MS[parameters.period(_PERIODS)]
    limit = parameters.limit(30, 500)
    start, end = parameters.times()
    now = state.clock.now
    if start is not None and start < now - _HISTORY_MS:
        raise RefusalError(400, -1130, "parameter 'startTime' is invalid.")
    until = now if end is None else min(end, now)
    since = until - (limit + 1) * period if start is None else start
    rows = state.interests(symbol, period, max(since, now - _HISTORY_MS), until)
    rows = rows[-limit:] if start is None else rows[:limit]
    coin = state.instruments[symbol]
    return _text([
        {
            "symbol": symbol,
            "sumOpenInterest": coin.quantity_text(value),
            "sumOpenInterestValue": f"{in_quote:.8f}",
            "CMCCirculatingSupply": "0.00000000",
            "timestamp": stamp,
        }
        for stamp, value, in_quote in rows
    ])  # fmt: skip


def _premium_index(state: MarketState, parameters: Parameters) -> str:
    symbol = parameters.optional_symbol()
    if symbol is not None:
        return _text(_premium(state, symbol, state.mark(symbol)))
    return _text([_premium(state, s, state.mark(s)) for s in state.listed])


def _premium(state: MarketState, symbol: str, mark: Mark) -> dict[str, Any]:
    known = mark.rate is not None
    return {
        "symbol": symbol,
        "markPrice": f"{mark.price:.8f}",
        "indexPrice": f"{mark.index:.8f}",
        "estimatedSettlePrice": f"{mark.index:.8f}",
        "lastFundingRate": f"{mark.rate:.8f}" if known else "",
        "interestRate": "0.00010000" if known else "",
        "nextFundingTime": mark.next_funding,
        "time": state.clock.now,
    }


def _funding_rate(state: MarketState, parameters: Parameters) -> str:
    symbol = parameters.optional_symbol()
    start, end = parameters.times()
    limit = parameters.limit(200 if start is None and end is None else 100, 1_000)
    symbols = [symbol] if symbol else list(state.listed)
    rows = sorted(
        ((item, name) for name in symbols for item in state.fundings(name)),
        key=lambda pair: (pair[0].time, pair[1]),
    )
    rows = [
        (item, name)
        for item, name in rows
        if (start is None or start <= item.time) and (end is None or item.time <= end)
    ]
    rows = rows[-limit:] if start is None else rows[:limit]
    return _text([_funding(item, name) for item, name in rows])


def _funding(item: Funding, symbol: str) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "fundingTime": item.time,
        "fundingRate": f"{item.rate:.8f}",
        "markPrice": "" if item.mark is None else f"{item.mark:.8f}",
        "rateType": "Regular",
    }


def _funding_info(state: MarketState, _parameters: Parameters) -> str:
    return _text([_funding_terms(coin, state.start) for coin in state.listed.values()])


def _funding_terms(coin: Instrument, time: int) -> dict[str, Any]:
    return {
        "symbol": coin.symbol,
        "adjustedFundingRateCap": "0.02000000",
        "adjustedFundingRateFloor": "-0.02000000",
        "fundingIntervalHours": coin.funding_hours,
        "disclaimer": False,
        "updateTime": time,
    }


def _ticker(state: MarketState, parameters: Parameters) -> str:
    symbol = parameters.optional_symbol()
    symbols = [symbol] if symbol else list(state.listed)
    days = [(name, state.day(name)) for name in symbols]
    rows = [
        _day(state.instruments[name], day, state, state.last_trade_id(name, state.running(name)))
        for name, day in days
        if day is not None
    ]
    if symbol:
        return _text(rows[0] if rows else rows)
    now = state.clock.now
    return _text([*rows, *(_day(x.coin, x.day(now), state, 0) for x in untracked_contracts.LISTED)])


def _day(coin: Instrument, day: Day, state: MarketState, last: int) -> dict[str, Any]:
    average = day.quote_volume / day.volume if day.volume else day.close
    return {
        "symbol": coin.symbol,
        "priceChange": coin.price_text(day.close - day.open),
        "priceChangePercent": f"{(day.close / day.open - 1.0) * 100.0:.3f}",
        "weightedAvgPrice": coin.price_text(average),
        "lastPrice": coin.price_text(day.close),
        "lastQty": coin.quantity_text(0.0),
        "openPrice": coin.price_text(day.open),
        "highPrice": coin.price_text(day.high),
        "lowPrice": coin.price_text(day.low),
        "volume": coin.quantity_text(day.volume),
        "quoteVolume": f"{day.quote_volume:.2f}",
        "openTime": day.open_time,
        "closeTime": state.clock.now,
        "firstId": last - day.trades + 1 if day.trades else -1,
        "lastId": last if day.trades else -1,
        "count": day.trades,
    }


def _one(_parameters: Parameters) -> int:
    return 1


def _free(_parameters: Parameters) -> int:
    return 0


ENDPOINTS: Final[dict[str, Endpoint]] = {
    "/fapi/v1/ping": Endpoint(_ping, _one),
    "/fapi/v1/time": Endpoint(_time, _one),
    "/fapi/v1/exchangeInfo": Endpoint(_exchange_info, _one),
    "/fapi/v1/klines": Endpoint(_klines, _klines_weight),
    "/fapi/v1/openInterest": Endpoint(_open_interest, _one),
    "/fapi/v1/premiumIndex": Endpoint(
        _premium_index, lambda parameters: 1 if parameters.optional_symbol() else 10
    ),
    "/fapi/v1/fundingRate": Endpoint(_funding_rate, _free, "funding"),
    "/fapi/v1/fundingInfo": Endpoint(_funding_info, _free, "funding"),
    "/fapi/v1/ticker/24hr": Endpoint(
        _ticker, lambda parameters: 1 if parameters.optional_symbol() else 40
    ),
    "/futures/data/openInterestHist": Endpoint(_open_interest_history, _free, "statistics"),
}
"""Weights as documented; `X-MBX-USED-WEIGHT-1M` reports the weight used."""
