"""How often the protocol is right about a strategy whose edge is known, because it was planted.

Two symbols share a factor. Now and then a bar of five minutes has ten times the volume, and the
price drifts up over the half hour after it, by an amount chosen here. The strategy buys at its
close. It is registered, examined and looked at like any other.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.random import Generator
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.stats.ratios import wilson
from signalengine.strategy.loading import load_text
from signalengine.strategy.sets import StrategySet, set_of

from research.data.bars import BarTable
from research.data.series import Floats
from research.evidence.protocol import Evidence, examine, register
from research.evidence.registration import Spans

COST_BPS: Final = 12.0
EDGES: Final = (0.0, COST_BPS, 24.0, 30.0, 36.0)
"""Planted, gross, bps: none, one that only pays the costs, and three that are real."""
BEGIN: Final = 1_735_689_600_000
"""2025-01-01 00:00 UTC."""
DAYS: Final = (2, 40, 20, 40)
"""Of warm-up, design, validation and the final span."""
_LIFE: Final = 30
"""Minutes in which the drift comes, and a signal's time limit."""
_MINUTE: Final = 0.0009
"""Standard deviation of a minute's return; half of its variance is the factor's."""
_PULSES: Final = 1.0
"""A day and symbol, on average."""
STRATEGY: Final = '''"""Buys after a bar of ten times the usual volume."""

from signalengine.exits.levels import bracket_atr
from signalengine.strategy.form import CLOSE, VOLUME, Buffer, Numbers, Strategy, Values

V = Values()
PRICE = V.price("close", about="close of the bar")
SIZE = V.number("size", about="volume of the bar")

STRATEGY = Strategy(
    name="pulse",
    version=1,
    every="5m",
    values=V,
    warm_up={"5m": 2},
    ttl_minutes=30,
    about="Buys after a bar of ten times the usual volume.",
)


def fold_5m(s: Buffer, bar: Numbers, p: Numbers) -> None:
    s[PRICE] = bar[CLOSE]
    s[SIZE] = bar[VOLUME]


def entry(v: Numbers, f: Numbers, side: float, p: Numbers) -> bool:
    return side > 0.0 and v[SIZE] > 25.0


def exits(v: Numbers, f: Numbers, side: float, p: Numbers, out: Buffer) -> None:
    bracket_atr(out, v[PRICE], side, v[PRICE] * 0.01, 3.0, 3.0)
'''


@dataclass(frozen=True, slots=True)
class Rate:
    """Verdicts on strategies with one planted edge."""

    edge_bps: float
    verdicts: Counter[str]
    signals: float
    """In the final span, on average."""

    def share(self, *names: str) -> tuple[float, float, float]:
        """Return how often one of these verdicts was given, with its 95 % interval."""
        n = sum(self.verdicts.values())
        count = sum(self.verdicts[name] for name in names)
        return count / n, *wilson(count, n)


def pulse() -> StrategySet:
    """Return the strategy."""
    return set_of(load_text(STRATEGY, "pulse.py"))


def rate(edge_bps: float, seeds: int) -> Rate:
    """Examine one market a seed; the same seeds give the same rate."""
    verdicts: Counter[str] = Counter()
    signals = 0
    for seed in range(seeds):
        found = examined(edge_bps, seed)
        verdicts[found.found.verdict] += 1
        signals += 0 if found.final is None else len(found.final.trades)
    return Rate(edge_bps, verdicts, signals / seeds)


def examined(edge_bps: float, seed: int, draws: int = 200) -> Evidence:
    """Register, examine and look at the strategy on one simulated market."""
    one, tables = pulse(), market(edge_bps, seed)
    cuts = [BEGIN + DAY_MS * sum(DAYS[: k + 1]) for k in range(len(DAYS))]
    spans = Spans((cuts[0], cuts[1]), (cuts[1], cuts[2]), (cuts[2], cuts[3]))
    with TemporaryDirectory() as name:
        source, file = Path(name) / "data", Path(name) / "pulse.json"
        source.mkdir()
        register(
            file, source, one, [table.symbol for table in tables], spans,
            hypothesis="Large volume is followed by a rise.", edge_bps=10.0, now=cuts[3],
        )  # fmt: skip
        sweeps = Path(name) / "sweeps"
        return examine(file, source, one, tables, sweeps, look=True, now=cuts[3], draws=draws)


def market(edge_bps: float, seed: int) -> list[BarTable]:
    """Return the bars of two symbols with this edge planted, net of nothing."""
    rng = np.random.default_rng([seed, round(edge_bps * 100)])
    minutes = sum(DAYS) * DAY_MS // MINUTE_MS
    factor = rng.normal(0.0, _MINUTE * np.sqrt(0.5), minutes)
    return [_symbol(rng, name, factor, edge_bps) for name in ("AAAUSDT", "BBBUSDT")]


def _symbol(rng: Generator, name: str, factor: Floats, edge_bps: float) -> BarTable:
    minutes = len(factor)
    bars = rng.random(minutes // 5) < _PULSES * 5 / (DAY_MS // MINUTE_MS)
    volume = np.where(np.repeat(bars, 5), 10.0, 1.0)
    starts = np.flatnonzero(bars) * 5 + 5
    drift = np.zeros(minutes + _LIFE + 5)
    for start in starts.tolist():
        drift[start : start + _LIFE] += edge_bps / 1e4 / _LIFE
    own = rng.normal(0.0, _MINUTE * np.sqrt(0.5), minutes)
    close = 100.0 * np.exp(np.cumsum(factor + own + drift[:minutes]))
    before = np.concatenate([[100.0], close[:-1]])
    times = BEGIN + np.arange(minutes, dtype=np.int64) * MINUTE_MS
    high, low, unknown = (
        np.maximum(before, close),
        np.minimum(before, close),
        np.full(minutes, np.nan),
    )
    return BarTable(
        name, times, before, high, low, close, volume, close * volume, unknown, unknown,
        market="simulated",
    )  # fmt: skip


def lines(found: Sequence[Rate]) -> list[str]:
    """Return the table of docs/evidence.md."""
    names: tuple[tuple[str, ...], ...] = (("shown",), ("suggestive",), ("no edge shown",))
    out = ["| planted, gross bps | net | signals | shown | suggestive | no edge shown |"]
    out.append("|---|---|---|---|---|---|")
    for one in found:
        cells = [_cell(*one.share(*each)) for each in names]
        head = f"| {one.edge_bps:g} | {one.edge_bps - COST_BPS:+g} | {one.signals:.0f} |"
        out.append((head + "".join(cells)).replace("-", "−"))
    return out


def _cell(share: float, low: float, high: float) -> str:
    return f" {share * 100:.1f} % ({low * 100:.1f} to {high * 100:.1f}) |"
