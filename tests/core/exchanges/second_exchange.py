"""A second exchange, as small as one can be: other names, other payloads, the same port.

Payloads are lists: ``["k", time, "BTC-PERP", closed, open time, o, h, l, c, volume]``,
``["m", time, "BTC-PERP", price, rate, due]``, ``["l", time, "BTC-PERP", "long", usd]`` and
``["c", time, "BTC-PERP", state]``.
"""

import json
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, TypeVar

from signalengine.errors import MalformedFactError
from signalengine.exchanges.port import (
    Action,
    Endpoint,
    Exchange,
    RestLimits,
    RestRequest,
    StreamLimits,
)
from signalengine.facts.stream import Bar
from signalengine.market_data import (
    ContractInfo,
    Funding,
    Kline,
    Liquidation,
    MarkPrice,
    OpenInterest,
    StreamClass,
    StreamMessage,
    Universe,
)

T = TypeVar("T")
CLASSES: Mapping[str, StreamClass] = {
    "k": "kline", "m": "mark", "l": "liquidation", "c": "contract",
}  # fmt: skip


def strictly(parse: Callable[[Any], T]) -> Callable[[Any], T]:
    """Anything but the documented shape is malformed."""

    def read(data: Any) -> T:
        try:
            return parse(data)
        except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
            raise MalformedFactError(f"not of the documented shape: {error}") from error

    return read


def _message(data: Any) -> StreamMessage:
    kind, time, symbol, *rest = data
    match kind:
        case "k":
            closed, start, *prices, volume = rest
            bar = _bar([start, *prices, volume])
            return Kline(symbol, int(time), bar, bool(closed))
        case "m":
            price, rate, due = rest
            return (MarkPrice(symbol, int(time), float(price), float(rate), int(due)),)
        case "l":
            side, usd = rest
            return Liquidation(symbol, int(time), side, float(usd))
        case "c":
            return ContractInfo(symbol, int(time), rest[0], rest[0])
    raise ValueError(kind)


def _bar(row: Sequence[Any]) -> Bar:
    start, o, h, low, c, volume = row
    return Bar("1m", int(start), float(o), float(h), float(low), float(c), float(volume))


def _bars(data: Any) -> tuple[Bar, ...]:
    return tuple(_bar(row) for row in data)


class SecondStreams:
    """Implements `Streams`."""

    route = "/v2/public"
    common = ("marks", "liquidations", "contracts")
    limits = StreamLimits(
        streams=50, streams_per_request=10, request_interval_s=0.0, lifetime_s=7_200,
        frame_bytes=100_000,
    )  # fmt: skip

    def kline(self, symbol: str) -> str:
        return f"candles.1.{symbol}"

    def request(self, action: Action, names: Sequence[str], number: int) -> str:
        return json.dumps({"op": action, "args": [*names], "req": str(number)})

    def decode(self, frame: bytes) -> Any:
        return json.loads(frame)

    def is_data(self, message: Any) -> bool:
        return isinstance(message, dict) and "payload" in message

    def data_of(self, message: Any) -> Any:
        return message["payload"]

    def confirms(self, reply: Mapping[str, Any], number: int) -> bool:
        return reply.get("req") == str(number) and reply.get("ok") is True

    def refuses(self, reply: Mapping[str, Any]) -> bool:
        return reply.get("ok") is False

    def parse(self, data: Any, symbols: Container[str]) -> StreamMessage | None:
        if self.class_of(data) is None:
            return None
        if data[0] != "c" and (len(data) < 3 or data[2] not in symbols):
            return None
        return strictly(_message)(data)

    def event_time_of(self, data: Any) -> int | None:
        time = data[1] if isinstance(data, list) and len(data) > 1 else None
        return time if type(time) is int and time > 0 else None

    def class_of(self, data: Any) -> StreamClass | None:
        kind = data[0] if isinstance(data, list) and data else None
        return CLASSES.get(kind) if isinstance(kind, str) else None

    def why_unused(self, data: Any) -> str:
        return "other_symbol" if self.class_of(data) else "other_stream"


class SecondRest:
    """Implements `Rest`."""

    limits = RestLimits(weight_per_minute=600, pauses_s={429: 5.0}, region_status=403)

    def weight_used(self, headers: Mapping[str, str]) -> int | None:
        return 600 - int(headers["Remaining"]) if "Remaining" in headers else None

    def server_time(self) -> RestRequest[int]:
        return RestRequest("/v2/time", {}, 1, strictly(lambda data: int(data["now"])))

    def universe(self) -> RestRequest[Universe]:
        def read(data: Any) -> Universe:
            live = {symbol: float(tick) for symbol, tick in data["live"].items()}
            return Universe(frozenset(live), {}, tick_sizes=live)

        return RestRequest("/v2/contracts", {}, 1, strictly(read))

    def day_volumes(self) -> RestRequest[dict[str, float]]:
        return RestRequest(
            "/v2/volumes", {}, 1, strictly(lambda data: {s: float(v) for s, v in data.items()})
        )

    def funding_hours(self) -> RestRequest[dict[str, int]]:
        return RestRequest(
            "/v2/funding", {}, 1, strictly(lambda data: {s: int(v) for s, v in data.items()})
        )

    def last_bars(
        self, symbol: str, interval: str, end: int, limit: int
    ) -> RestRequest[tuple[Bar, ...]]:
        return RestRequest("/v2/candles", {"s": symbol, "to": end, "n": limit}, 1, strictly(_bars))

    def bars_between(
        self, symbol: str, interval: str, start: int, end: int
    ) -> RestRequest[tuple[Bar, ...]]:
        query: dict[str, str | int] = {"s": symbol, "from": start, "to": end}
        return RestRequest("/v2/candles", query, 1, strictly(_bars))

    def open_interest(self, symbol: str) -> RestRequest[OpenInterest]:
        return RestRequest(
            f"/v2/interest/{symbol}", {}, 1,
            strictly(lambda data: OpenInterest(symbol, int(data["t"]), float(data["oi"]))),
        )  # fmt: skip

    def funding_rates(self, symbol: str, start: int, end: int) -> RestRequest[tuple[Funding, ...]]:
        return RestRequest(
            "/v2/paid", {"s": symbol, "from": start, "to": end}, 1,
            strictly(lambda data: tuple(Funding(symbol, int(t), float(r)) for t, r in data)),
        )  # fmt: skip

    def replayed_open_interest(self, start: int, end: int) -> RestRequest[tuple[OpenInterest, ...]]:
        return RestRequest(
            "/v2/replay/interest", {"from": start, "to": end}, 0,
            strictly(lambda data: tuple(OpenInterest(s, int(t), float(v)) for s, t, v in data)),
        )  # fmt: skip


SECOND = Exchange(
    name="second",
    streams=SecondStreams(),
    rest=SecondRest(),
    rest_base=Endpoint("SECOND_REST_BASE", "https://second.invalid"),
    ws_base=Endpoint("SECOND_WS_BASE", "wss://second.invalid"),
    region_help="The second exchange refuses this location (HTTP 403). Run the task elsewhere.",
)
