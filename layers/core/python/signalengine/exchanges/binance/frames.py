"""Frames of Binance's streams, decoded straight to the fields that the engine uses.

A combined stream sends ``{"stream": "btcusdt@kline_1m", "data": <payload>}``; `messages` shows the
payloads. 500 symbols send some 2,000 frames a second, nearly all of them klines, mark prices and
liquidations: msgspec decodes these to structs, without making dictionaries.

What is not exactly of the types declared here, and every value that could not be used, goes to
`json` and `messages`, which accept it or name what is wrong. The result is always theirs.
"""

import json
from collections.abc import Container
from math import inf
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias

from msgspec import DecodeError, Meta, Struct, to_builtins
from msgspec.json import Decoder

from ...facts.stream import Bar
from ...intervals import INTERVAL_MS
from ...market_data import Kline, Liquidation, MarkPrice, StreamClass, StreamMessage
from .fields import COIN_MARGINED, MAX_TIME
from .messages import parse_force_order, parse_kline, parse_mark_price

_Time: TypeAlias = Annotated[int, Meta(ge=0, lt=MAX_TIME)]
_Count: TypeAlias = Annotated[int, Meta(ge=0)]
_Symbol: TypeAlias = Annotated[str, Meta(min_length=2, max_length=30)]
_Decimal: TypeAlias = str | float


class Payload(Struct, gc=False):
    """The payload of a stream message: of the declared types, its numbers not read yet."""

    stream_class: ClassVar[StreamClass]

    @property
    def event_time(self) -> int:
        """When the exchange sent it, ms; of an array: its last entry."""
        raise NotImplementedError

    @property
    def is_coin_margined(self) -> bool:
        """Whether it is about a COIN-M contract; of an array: its first entry."""
        raise NotImplementedError

    def parse(self, symbols: Container[str]) -> StreamMessage | None:
        """Return the message, None when it is not about `symbols`; raises MalformedFactError."""
        raise NotImplementedError


class _OneContract(Payload, kw_only=True, gc=False):
    E: _Time
    st: int | None = None

    @property
    def event_time(self) -> int:
        return self.E

    @property
    def is_coin_margined(self) -> bool:
        return self.st == COIN_MARGINED


class _KlineFields(Struct, gc=False):
    """`k` of a kline."""

    t: _Time
    T: _Time
    i: str
    o: _Decimal
    h: _Decimal
    l: _Decimal  # noqa: E741 - Binance's name
    c: _Decimal
    v: _Decimal
    q: _Decimal
    V: _Decimal
    n: _Count
    x: bool

    def bar(self) -> Bar | None:
        """Return the bar; None when it could not have been traded."""
        span, start = INTERVAL_MS.get(self.i), self.t
        if span is None or start % span or start + span - 1 != self.T:
            return None
        try:
            o, h, low, c = float(self.o), float(self.h), float(self.l), float(self.c)
            volume, quote, taker = float(self.v), float(self.q), float(self.V)
        except ValueError:
            return None
        if not (0.0 < low <= o <= h < inf and low <= c <= h):
            return None
        if not (0.0 <= volume < inf and 0.0 <= quote < inf and 0.0 <= taker < inf):
            return None
        return Bar(self.i, start, o, h, low, c, volume, quote, self.n, taker)


class KlinePayload(_OneContract, tag_field="e", tag="kline", kw_only=True, gc=False):
    """A forming or closed kline, see `parse_kline`."""

    stream_class = "kline"

    s: _Symbol
    k: _KlineFields

    def parse(self, symbols: Container[str]) -> Kline | None:
        """Return the kline; None for other symbols and COIN-M."""
        if self.st == COIN_MARGINED:
            return None
        bar = self.k.bar()
        if bar is None:
            kline = parse_kline(to_builtins(self))
        else:
            kline = Kline(self.s, self.E, bar, self.k.x)
        return kline if kline is not None and kline.symbol in symbols else None


class MarkPayload(_OneContract, tag_field="e", tag="markPriceUpdate", kw_only=True, gc=False):
    """A mark price, see `parse_mark_price`."""

    stream_class = "mark"

    s: str
    p: _Decimal
    r: _Decimal | None = None
    T: _Time | None = None

    def parse(self, symbols: Container[str]) -> tuple[MarkPrice, ...]:
        """Return the mark price alone; nothing for other symbols and COIN-M."""
        mark = self.mark() if self.s in symbols else None
        return () if mark is None else (mark,)

    def mark(self) -> MarkPrice | None:
        """Return the mark price; None for COIN-M."""
        rate, name = self.r, self.s
        try:
            price, rate = float(self.p), None if rate is None or rate == "" else float(rate)
        except ValueError:
            return parse_mark_price(to_builtins(self))
        if (
            self.st != COIN_MARGINED
            and 2 <= len(name) <= 30
            and 0.0 <= price < inf
            and (rate is None or -inf < rate < inf)
        ):
            return MarkPrice(name, self.E, price, rate, self.T or 0)
        return parse_mark_price(to_builtins(self))


class _MarkEntry(MarkPayload, tag=False, kw_only=True, gc=False):
    e: Literal["markPriceUpdate"]


class MarkArrayPayload(Payload, gc=False):
    """The mark prices of many symbols, at least one; see `parse_mark_prices`."""

    stream_class = "mark"

    entries: list[_MarkEntry]

    @property
    def event_time(self) -> int:
        return self.entries[-1].E

    @property
    def is_coin_margined(self) -> bool:
        return self.entries[0].is_coin_margined

    def parse(self, symbols: Container[str]) -> tuple[MarkPrice, ...]:
        """Return the mark prices of `symbols` in USD-M."""
        marks = (entry.mark() for entry in self.entries if entry.s in symbols)
        return tuple(mark for mark in marks if mark is not None)


class _OrderFields(Struct, gc=False):
    """`o` of a forced order."""

    s: _Symbol
    S: Literal["SELL", "BUY"]
    ap: _Decimal
    z: _Decimal


class OrderPayload(_OneContract, tag_field="e", tag="forceOrder", kw_only=True, gc=False):
    """A forced order, see `parse_force_order`. Hundreds a minute at most: read by it, too."""

    stream_class = "liquidation"

    o: _OrderFields

    def parse(self, symbols: Container[str]) -> Liquidation | None:
        """Return the liquidation; None for other symbols and COIN-M."""
        order = parse_force_order(to_builtins(self))
        return order if order is not None and order.symbol in symbols else None


class Frame(Struct, gc=False):
    """A frame that carries stream data."""

    stream: str
    data: KlinePayload | MarkPayload | OrderPayload | list[_MarkEntry]

    def payload(self) -> Payload | list[_MarkEntry]:
        """Return the payload; an array without entries as it is."""
        data = self.data
        return MarkArrayPayload(data) if isinstance(data, list) and data else data


_DECODER: Final = Decoder(Frame)


def decode(frame: bytes) -> Any:
    """Decode a frame: to a `Frame`, or to what `json` makes of it, whose errors are raised.

    msgspec does not look at the bytes of texts that are not used: they are UTF-8 in JSON.
    """
    try:
        if not frame.isascii():
            frame.decode()
        return _DECODER.decode(frame)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return json.loads(frame)
