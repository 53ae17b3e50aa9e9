"""A frame is read as `json.loads` and the readers of dictionaries read it, whatever it is."""

import contextlib
import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import MalformedFactError
from signalengine.exchanges.binance import frames
from signalengine.exchanges.binance.streams import BinanceStreams
from signalengine.market_data import Kline, Liquidation, MarkPrice

from research.benchmarks.frames import SYMBOLS
from research.benchmarks.frames import frames as market_frames
from research.benchmarks.market import walk
from tests.core.exchanges.binance.test_messages import (
    CAPTURE,
    DOCUMENTED,
    KLINE,
    MARK,
    ORDER,
    needs,
)
from tests.examples import examples

STREAMS = BinanceStreams()
FOLLOWED = frozenset({"BTCUSDT", "ETHUSDT"})
CONTRACT = {
    "e": "contractInfo", "E": 1669647330671, "s": "IOTAUSDT", "st": 1, "ct": "PERPETUAL",
    "cs": "TRADING",
}  # fmt: skip
OTHERS: list[Any] = [
    [MARK, MARK | {"s": "XRPUSDT", "p": 5}, MARK | {"s": "ETHUSDT", "r": "", "T": 0}],
    [MARK | {"st": 2}, MARK | {"s": "币安人生USDT"}], [], {"e": "aggTrade", "E": 5}, CONTRACT,
]  # fmt: skip
PAYLOADS = [KLINE, MARK, ORDER, *OTHERS]
FAST = (frames.KlinePayload, frames.MarkPayload, frames.OrderPayload, frames.MarkArrayPayload)


def framed(data: Any) -> bytes:
    """The frame of a payload, as Binance sends it: compact, not escaped."""
    message = {"stream": "any", "data": data}
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()


def read(decode: Callable[[bytes], Any], frame: bytes, symbols: frozenset[str] = FOLLOWED) -> str:
    """All that the ingest task learns of a frame, or how it is refused; as text, for exactness."""
    try:
        message = decode(frame)
    except ValueError as error:
        return f"not JSON: {error}"
    except RecursionError:
        return "nested too deeply"
    if not STREAMS.is_data(message):
        return f"no data: {message!r}"
    data = STREAMS.data_of(message)
    known = (STREAMS.event_time_of(data), STREAMS.class_of(data), STREAMS.why_unused(data))
    try:
        return repr((known, STREAMS.parse(data, symbols)))
    except MalformedFactError as error:
        return repr((known, str(error)))


def same(frame: bytes, symbols: frozenset[str] = FOLLOWED) -> None:
    assert read(STREAMS.decode, frame, symbols) == read(json.loads, frame, symbols), frame


# --- what is usual is decoded to structs ---------------------------------------------------------


def test_the_usual_payloads_are_decoded_without_dictionaries() -> None:
    for data, expected in [
        (KLINE, Kline), (MARK, tuple), (ORDER, Liquidation), ([MARK, MARK], tuple),
    ]:  # fmt: skip
        payload = STREAMS.data_of(STREAMS.decode(framed(data)))
        assert isinstance(payload, FAST)
        assert isinstance(STREAMS.parse(payload, FOLLOWED), expected)
    assert STREAMS.parse(payload, frozenset()) == ()
    assert isinstance(payload.parse(FOLLOWED)[0], MarkPrice)


def test_a_whole_market_is_read_the_same_and_without_dictionaries() -> None:
    texts = market_frames(walk(1))
    for text in texts:
        frame, followed = text.encode(), frozenset(SYMBOLS)
        assert isinstance(STREAMS.decode(frame), frames.Frame)
        same(frame, followed)
    assert len(texts) == 4_505


@needs(CAPTURE, *DOCUMENTED.values())
def test_recorded_frames_are_read_the_same() -> None:
    symbols = frozenset({"BTCUSDT", "SUSHIUSDT", "AKROUSDT", "KEEPUSDT", "CTKUSDT"})
    recorded = [line.split(": ", 1)[1] for line in CAPTURE.read_text().splitlines()[1:]]
    recorded += [f'{{"stream": "", "data": {path.read_text()}}}' for path in DOCUMENTED.values()]
    usual = 0
    for text in recorded:
        same(text.encode(), symbols)
        usual += isinstance(STREAMS.decode(text.encode()), frames.Frame)
    assert usual > 50


# --- whatever a frame is -------------------------------------------------------------------------

ODD = (
    "null", "true", "0", "-0", "-1", "1", "2", "2.0", "1e2", "1e400", "NaN", "-Infinity", "9" * 25,
    "9" * 400, '""', '"0"', '"-0"', '"-1"', '"nan"', '"inf"', '"1e309"', '" 1.5 "', '"1_0"',
    '"\\ud800"', '"é"', '"x"', "[]", "{}", "[1]", '{"e":"kline"}', "01", "1.", "+1", "'", "",
    '"1"}', "100000000000000", "9007199254740993.5", "0.1", "1638747660000", '"1m"', '"2m"',
    '"BUY"', '"HOLD"', '"A"', '"' + "A" * 31 + '"',
)  # fmt: skip
"""Values, some of them no JSON, that take the place of a field's."""


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values in a payload."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def replaced(data: Any, path: tuple[Any, ...], text: str) -> bytes:
    """The frame of a payload in which one value is this text."""
    changed = copy.deepcopy(data)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = "REPLACED"
    return framed(changed).replace(b'"REPLACED"', text.encode())


def test_any_value_in_the_place_of_any_field_is_read_the_same() -> None:
    for data in (KLINE, MARK, ORDER, OTHERS[0][:2]):
        for path in places(data):
            for text in ODD:
                same(replaced(data, path, text))


@pytest.mark.parametrize("symbol", ["", "A", "AB", "A" * 30, "A" * 31])
def test_a_followed_name_of_any_length_is_read_the_same(symbol: str) -> None:
    order = ORDER | {"o": ORDER["o"] | {"s": symbol}}
    for data in (KLINE | {"s": symbol}, MARK | {"s": symbol}, [MARK | {"s": symbol}], order):
        same(framed(data), frozenset({symbol}))


def test_a_missing_field_is_read_the_same() -> None:
    for data in PAYLOADS:
        for path in places(data):
            changed = copy.deepcopy(data)
            place = changed
            for key in path[:-1]:
                place = place[key]
            del place[path[-1]]
            same(framed(changed))


@pytest.mark.parametrize(
    "frame",
    [
        b"", b"null", b"[]", b"5", b'"x"', b"{}", b'{"result":null,"id":1}', b'{"stream":"x"}',
        b'{"stream":null,"data":' + framed(KLINE)[23:], b"\xef\xbb\xbf" + framed(KLINE),
        framed(KLINE) + b" ", framed(KLINE) + b"x", framed(KLINE) * 2,
        framed(KLINE).decode().encode("utf-16"), framed(KLINE).replace(b"any", b"a\xffy"),
        framed({"new": "\xff"} | KLINE).replace("\xff".encode(), b"\xff"),
        framed({"new": "\xff"} | KLINE).replace("\xff".encode(), b"\xed\xa0\x80"),
        framed(KLINE).replace(b'"s":"BTCUSDT"', b'"s":"BTCUSDT","s":"ETHUSDT"'),
        framed(KLINE).replace(b'"e":"kline"', b'"e":"kline","e":"forceOrder"'),
        framed(KLINE).replace(b'"E":', b'"E":"x","E":'),
        framed(KLINE).replace(b'"E"', b'"\\u0045"'),
        framed([{k: v for k, v in MARK.items() if k != "e"}, MARK]), framed([MARK, KLINE]),
        framed(KLINE | {"new": json.loads("[" * 500 + "]" * 500)}),
        framed(KLINE | {"new": 0}).replace(b'"new":0', b'"new":' + b"[" * 90_000 + b"]" * 90_000),
    ],
)  # fmt: skip
def test_frames_of_other_forms_are_read_the_same(frame: bytes) -> None:
    same(frame)


ODD_BYTES = b'0123456789"-+.eE,:{}[]ntfNI\\u \n\x00\xff\xc3'
BYTES = st.sampled_from([bytes([byte]) for byte in ODD_BYTES])


@examples(300)
@given(st.sampled_from(PAYLOADS), st.data())
def test_a_frame_broken_anywhere_is_read_the_same(payload: Any, data: st.DataObject) -> None:
    frame = framed(payload)
    for _ in range(data.draw(st.integers(1, 3))):
        at, cut = data.draw(st.integers(0, len(frame))), data.draw(st.integers(0, 2))
        frame = frame[:at] + data.draw(BYTES) + frame[at + cut :]
        same(frame)


DECIMALS = st.decimals(0, 10**9, places=8).map(str) | st.floats(allow_nan=False).map(str)


@examples(100)
@given(st.lists(DECIMALS, min_size=7, max_size=7), st.booleans())
def test_a_number_is_the_nearest_float_as_text_or_as_number(texts: list[str], text: bool) -> None:
    names = ("l", "o", "c", "h", "v", "q", "V")
    numbers = [*sorted(texts[:4], key=float), *texts[4:]]
    k = KLINE["k"] | dict(zip(names, numbers, strict=True))
    frame = framed(KLINE | {"k": k})
    if not text:
        for number in numbers:
            frame = frame.replace(f'"{number}"'.encode(), number.encode())
    same(frame)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@examples(100)
@given(JSON, st.sampled_from(PAYLOADS))
def test_any_json_in_any_place_is_read_the_same(junk: Any, payload: Any) -> None:
    for data in (junk, [junk], [*OTHERS[0], junk]):
        with contextlib.suppress(UnicodeEncodeError):
            same(framed(data))
    for path in places(payload):
        same(replaced(payload, path, json.dumps(junk)))
