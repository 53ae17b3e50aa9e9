"""The `/market` route of Binance USD-M: stream names, requests, limits and classes of payloads.

Only `/market` carries klines, marks and liquidations; an unrouted connection delivers none of them
and reports no error, so a subscription counts only once Binance has confirmed it.
"""

import json
from collections.abc import Container, Mapping, Sequence
from typing import Any, Final

from ...market_data import StreamClass, StreamMessage
from ..port import Action, StreamLimits
from . import frames
from .fields import COIN_MARGINED
from .messages import event_time_of, parse_stream

_CLASSES: Final[Mapping[str, StreamClass]] = {
    "kline": "kline", "markPriceUpdate": "mark", "forceOrder": "liquidation",
    "contractInfo": "contract",
}  # fmt: skip


class BinanceStreams:
    """Implements `Streams`."""

    route = "/market/stream"
    common = ("!markPrice@arr@1s", "!forceOrder@arr", "!contractInfo")
    limits = StreamLimits(
        streams=1_024,
        streams_per_request=200,
        request_interval_s=0.25,  # Binance takes 10 messages a second: 4 are sent
        lifetime_s=24 * 3_600,
        frame_bytes=4_000_000,  # the marks of all symbols are some 200 KB
    )
    decode = staticmethod(frames.decode)

    def kline(self, symbol: str) -> str:
        """Return `btcusdt@kline_1m` for BTCUSDT."""
        return f"{symbol.lower()}@kline_1m"

    def request(self, action: Action, names: Sequence[str], number: int) -> str:
        """Return ``{"method": "SUBSCRIBE", "params": ["btcusdt@kline_1m"], "id": 1}``."""
        return json.dumps({"method": action.upper(), "params": list(names), "id": number})

    def is_data(self, message: Any) -> bool:
        """Return whether a frame is ``{"stream": "btcusdt@kline_1m", "data": ...}``."""
        if isinstance(message, frames.Frame):
            return True
        return isinstance(message, dict) and "stream" in message

    def data_of(self, message: Any) -> Any:
        """Return its `data`: a `Payload`, or what JSON makes of any other."""
        return message.payload() if isinstance(message, frames.Frame) else message.get("data")

    def confirms(self, reply: Mapping[str, Any], number: int) -> bool:
        """Return whether a reply is ``{"result": null, "id": number}``."""
        return reply.get("id") == number

    def refuses(self, reply: Mapping[str, Any]) -> bool:
        """Return whether a reply is ``{"code": 2, "msg": "Invalid request", "id": 1}``."""
        return reply.get("code") is not None or reply.get("error") is not None

    def parse(self, data: Any, symbols: Container[str]) -> StreamMessage | None:
        """Parse a payload."""
        if isinstance(data, frames.Payload):
            return data.parse(symbols)
        return parse_stream(data, symbols)

    def event_time_of(self, data: Any) -> int | None:
        """Return `E`, of an array that of its last entry; None when it is no time."""
        if isinstance(data, frames.Payload):
            return data.event_time or None
        return event_time_of(data)

    def class_of(self, data: Any) -> StreamClass | None:
        """Return the class of a payload by its event `e`, in an array that of its first entry."""
        if isinstance(data, frames.Payload):
            return data.stream_class
        first = data[0] if isinstance(data, list) and data else data
        event = first.get("e") if isinstance(first, dict) else None
        return _CLASSES.get(event) if isinstance(event, str) else None

    def why_unused(self, data: Any) -> str:
        """Return coin_margined, other_symbol or other_stream."""
        if isinstance(data, frames.Payload):
            return "coin_margined" if data.is_coin_margined else "other_symbol"
        first = data[0] if isinstance(data, list) and data else data
        if isinstance(first, dict) and first.get("st") == COIN_MARGINED:
            return "coin_margined"
        return "other_symbol" if self.class_of(data) else "other_stream"
