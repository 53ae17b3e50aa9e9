"""Broken frames and answers, made from valid ones; seeded, so that a failure can be reproduced.

Half are broken in their structure (a value of another type, size or sign, a field gone or twice),
half in their text (cut, a byte changed, a piece inserted or repeated).
"""

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

_WEIRD: Final[Sequence[Any]] = (
    None, True, False, 0, -1, 1, 2, 5, 10**13, 10**30, -(10**18), 0.5, -0.0, 1e308, float("nan"),
    float("inf"), "", " ", "0", "-1", "NaN", "Infinity", "1e400", "1_000", "0x10", "٣", "BTCUSDT",
    "ETHUSDT", "\x00", "🚀", "x" * 5_000, [], {}, [[]], [{}], {"s": {}}, {"E": []},
    1_747_612_860_000, 1_747_612_859_999, "1747612860000",
)  # fmt: skip
_PIECES: Final = (b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b'"', b"{", b"]", b",", b"NaN",
                  b"1e999", b"[" * 3_000, b'{"a":' * 2_000, b"\\u0000", b"\\ud800")  # fmt: skip
AT: Final = 1_747_612_800_000

_KLINE: Final = {
    "t": AT, "T": AT + 59_999, "s": "BTCUSDT", "i": "1m", "f": 100, "L": 200, "o": "103000.1",
    "c": "103010.0", "h": "103020.5", "l": "102990.0", "v": "12.345", "n": 100, "x": False,
    "q": "1271577.5", "V": "6.1", "Q": "628361.0", "B": "0",
}  # fmt: skip
_MARK: Final = {
    "e": "markPriceUpdate", "E": AT + 2_000, "s": "BTCUSDT", "p": "103001.5", "ap": "103001.5",
    "i": "103000.0", "P": "103000.0", "r": "0.00010000", "T": AT + 28_800_000, "st": 1,
}  # fmt: skip
_ORDER: Final = {
    "s": "BTCUSDT", "S": "SELL", "o": "LIMIT", "f": "IOC", "q": "0.014", "p": "102999.9",
    "ap": "102999.9", "X": "FILLED", "l": "0.014", "z": "0.014", "T": AT + 3_000,
}  # fmt: skip
FRAMES: Final[Sequence[dict[str, Any]]] = (
    {"stream": "btcusdt@kline_1m",
     "data": {"e": "kline", "E": AT + 1_000, "s": "BTCUSDT", "k": _KLINE}},
    {"stream": "btcusdt@kline_1m",
     "data": {"e": "kline", "E": AT + 60_003, "s": "BTCUSDT", "k": {**_KLINE, "x": True}}},
    {"stream": "!markPrice@arr@1s", "data": [_MARK, {**_MARK, "s": "BTCUSD_PERP", "st": 2}]},
    {"stream": "!forceOrder@arr",
     "data": {"e": "forceOrder", "E": AT + 3_000, "ps": "BTCUSDT", "st": 1, "o": _ORDER}},
    {"stream": "!contractInfo",
     "data": {"e": "contractInfo", "E": AT + 4_000, "s": "ETHUSDT", "ps": "ETHUSDT",
              "ct": "PERPETUAL", "dt": 4_133_404_800_000, "ot": 1_568_000_000_000,
              "cs": "SETTLING", "st": 1}},
    {"result": None, "id": 1},
    {"code": 2, "msg": "Invalid request: unknown variant"},
)  # fmt: skip
_ROW: Final = [AT, "103000.1", "103020.5", "102990.0", "103010.0", "12.345", AT + 59_999,
               "1271577.5", 100, "6.1", "628361.0", "0"]  # fmt: skip
BODIES: Final[dict[str, Any]] = {
    "/fapi/v1/time": {"serverTime": AT},
    "/fapi/v1/klines": [_ROW, [AT + 60_000, *_ROW[1:6], AT + 119_999, *_ROW[7:]]],
    "/fapi/v1/exchangeInfo": {"serverTime": AT, "symbols": [
        {"symbol": "BTCUSDT", "pair": "BTCUSDT", "contractType": "PERPETUAL", "status": "TRADING",
         "baseAsset": "BTC", "quoteAsset": "USDT", "marginAsset": "USDT",
         "underlyingType": "COIN", "onboardDate": 1_568_000_000_000, "filters": []}]},
    "/fapi/v1/openInterest": {"openInterest": "81000.123", "symbol": "BTCUSDT", "time": AT},
    "/fapi/v1/fundingRate": [{"symbol": "BTCUSDT", "fundingTime": AT, "fundingRate": "0.0001",
                              "markPrice": "103000.1", "rateType": "Regular"}],
    "/fapi/v1/fundingInfo": [{"symbol": "LPTUSDT", "adjustedFundingRateCap": "0.02",
                              "adjustedFundingRateFloor": "-0.02", "fundingIntervalHours": 4,
                              "disclaimer": False}],
    "/fapi/v1/ticker/24hr": [{"symbol": "BTCUSDT", "lastPrice": "103000.1",
                              "quoteVolume": "14000000000.5", "count": 5}],
}  # fmt: skip


def recorded_frames(capture: Path) -> list[dict[str, Any]]:
    """Return the messages of a raw capture: a line is `<epoch s>: <json>`, the first one a URL."""
    lines = capture.read_text(encoding="utf-8").splitlines()[1:]
    return [json.loads(line.split(": ", 1)[1]) for line in lines]


def broken(wholes: Sequence[Any], count: int, seed: int) -> Iterator[bytes]:
    """Yield `count` texts, each made from one of the valid ones; a few stay valid."""
    chance = random.Random(seed)  # repeatable, not secret
    for _ in range(count):
        whole = chance.choice(wholes)
        if chance.random() < 0.5:
            for _ in range(chance.choice((0, 1, 1, 1, 2, 5))):
                whole = _elsewhere(whole, chance)
            yield json.dumps(whole).encode()
        else:
            yield _torn(json.dumps(whole).encode(), chance)


def _elsewhere(value: Any, chance: random.Random) -> Any:
    """Return a copy with one change somewhere inside."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        name = chance.choice(list(value))
        if chance.random() < 0.15:
            return {key: item for key, item in value.items() if key != name}
        return {**value, name: _elsewhere(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.9:
        place = chance.randrange(len(value))
        kind = chance.random()
        if kind < 0.1:
            return value[:place] + value[place + 1 :]
        if kind < 0.2:
            return value[: place + 1] * 2
        return [*value[:place], _elsewhere(value[place], chance), *value[place + 1 :]]
    return chance.choice(_WEIRD)


def _torn(text: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(text) + 1)
    match chance.randrange(4):
        case 0:
            return text[:at]
        case 1:
            return text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :]
        case 2:
            return text[:at] + chance.choice(_PIECES) + text[at:]
        case _:
            end = min(len(text), at + chance.randrange(200))
            return text[:end] + text[at:end] * chance.randrange(1, 20) + text[end:]
