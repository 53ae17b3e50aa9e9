"""What a model may read of a scored close, by name, for one side.

| name | what it is |
|---|---|
| `1m_rsi`, `15m_atr`, … | a feature of 1m, 5m, 15m or 1h (`snapshot.NAMES`) |
| `funding_rate`, `room_long`, … | the context (`snapshot.CONTEXT`) |
| `15m_ema_21_dist`, … | (1m close − that price) / 1m close: any feature that is a price |
| `15m_atr_share`, … | ATR / 1m close |
| `15m_rsi_mid`, … | RSI − 50 |
| `rsi`, `ema_9`, `ema_21`, `atr`, `oi_delta`, `vwap_dist` | short names: `ALIASES` |
| `along_X` | X for a long, −X for a short |
| `side`, `score`, `rival_score`, `coverage`, `trend`, …, `event` | of the side itself |

Prices as they are differ between symbols and drift for ever: a model that is to hold for more than
one symbol or month reads distances. Plain + − × ÷, as everywhere in the core; NaN is unknown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..errors import ModelError
from ..indicators import FEATURES, PRICE
from ..intervals import CLASSIC_INTERVALS, numbers_of
from ..rules import LONG_COVERAGE, LONG_PARTS, LONG_SCORE, SHORT_COVERAGE, SHORT_PARTS, SHORT_SCORE
from ..signals import COMPONENTS
from ..snapshot import BASE, CONTEXT, NAMES, WIDTH

PRICES: Final = tuple(FEATURES.prices)
"""Features that are prices, and so have a distance."""
ALIASES: Final[Mapping[str, str]] = {
    "rsi": "1m_rsi",
    "ema_9": "1m_ema_9",
    "ema_21": "1m_ema_21",
    "atr": "15m_atr",
    "oi_delta": "15m_oi_delta",
    "vwap_dist": "1m_vwap_dist",
}
ALONG: Final = "along_"
_FEATURE, _DIST, _SHARE, _MID, _SIDE, _OUT = range(6)


@dataclass(frozen=True, slots=True)
class Input:
    """Where a named value comes from; made by `find`."""

    name: str
    kind: int
    long: int
    """Slot in the snapshot, or in the decision row for a long."""
    short: int
    along: bool


def find(name: str) -> Input:
    """Return the input of that name; raises ModelError when there is none."""
    along = name.startswith(ALONG)
    bare = name.removeprefix(ALONG)
    place = _KNOWN.get(ALIASES.get(bare, bare))
    if place is None or (along and place[0] in (_SIDE, _OUT)):
        raise ModelError(f"model: there is no input {name!r}")
    return Input(name, *place, along)


def names() -> tuple[str, ...]:
    """Return every name but those with `along_` in front."""
    return (*_KNOWN, *ALIASES)


def of_close(name: str) -> bool:
    """Return whether an input is the same for both sides: known from the snapshot alone."""
    one = find(name)
    return not one.along and one.kind not in (_SIDE, _OUT)


def read(one: Input, f: Sequence[float], side: float, out: Sequence[float]) -> float:
    """Return the input's value from the flat snapshot and the decision row (`rules.OUT_SIZE`)."""
    if one.kind == _SIDE:
        return side
    if one.kind == _OUT:
        return out[one.long if side > 0.0 else one.short]
    value = f[one.long]
    if one.kind == _DIST:
        value = (f[PRICE] - value) / f[PRICE]
    elif one.kind == _SHARE:
        value = value / f[PRICE]
    elif one.kind == _MID:
        value = value - 50.0
    return side * value if one.along else value


def _known() -> dict[str, tuple[int, int, int]]:
    table: dict[str, tuple[int, int, int]] = {}
    for i, interval in zip(numbers_of(CLASSIC_INTERVALS), CLASSIC_INTERVALS, strict=True):
        for k, name in enumerate(NAMES):
            at = i * WIDTH + k
            table[f"{interval}_{name}"] = (_FEATURE, at, at)
            if name in PRICES:
                table[f"{interval}_{name}_dist"] = (_DIST, at, at)
        atr, rsi = (i * WIDTH + NAMES.index(name) for name in ("atr", "rsi"))
        table[f"{interval}_atr_share"] = (_SHARE, atr, atr)
        table[f"{interval}_rsi_mid"] = (_MID, rsi, rsi)
    for k, name in enumerate(CONTEXT):
        table[name] = (_FEATURE, BASE + k, BASE + k)
    table["side"] = (_SIDE, 0, 0)
    table["score"] = (_OUT, LONG_SCORE, SHORT_SCORE)
    table["rival_score"] = (_OUT, SHORT_SCORE, LONG_SCORE)
    table["coverage"] = (_OUT, LONG_COVERAGE, SHORT_COVERAGE)
    for k, name in enumerate(COMPONENTS):
        table[name] = (_OUT, LONG_PARTS + k, SHORT_PARTS + k)
    return table


_KNOWN: Final = _known()
