"""Markets to fold: seeded walks with every kind of regime, recorded bars, and facts of both."""

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cache
from importlib.resources import files
from math import floor, log10
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from signalengine.bars.aggregator import BarAggregator
from signalengine.facts.stream import Bar, BarsFact, HistoryFact, Market
from signalengine.fold import Advanced, SymbolState, advance
from signalengine.intervals import CLASSIC_INTERVALS, INTERVAL_MS, INTERVALS, MINUTE_MS, closing_at
from signalengine.policy import Policy, default_policy, load_policy
from signalengine.signals import Evaluation, to_json

from tests.paths import RECORDINGS

T0 = 1_747_612_800_000  # 2025-05-19T00:00Z
SYMBOL = "BTCUSDT"


@dataclass(frozen=True, slots=True)
class WalkRegime:
    """How a walk behaves; `step` is the size of a move relative to the price."""

    price: float = 100_000.0
    step: float = 4e-4
    drift: float = 0.0
    decimals: int = 1
    volume: float = 12.0
    calm: float = 0.0
    """Share of minutes in which nothing moves."""
    dead: float = 0.0
    """Share of minutes in which nothing trades either."""
    jumps: float = 0.004
    quotes: bool = True
    """Whether quote volumes are known."""


def walk(
    count: int, seed: int = 0, regime: WalkRegime = WalkRegime(), start: int = T0
) -> list[Bar]:
    """Return `count` contiguous 1m bars."""
    rng = random.Random(f"{seed}:{astuple(regime)}")
    price, size, bars = regime.price, regime.step, []
    for n in range(count):
        if n % 97 == 0:
            size = regime.step * rng.choice((0.3, 0.7, 1.0, 1.0, 2.5))
        bar = _minute(rng, regime, start + n * MINUTE_MS, price, size)
        bars.append(bar)
        price = bar.close
    return bars


def _minute(rng: random.Random, regime: WalkRegime, at: int, price: float, size: float) -> Bar:
    digits, tick = regime.decimals, 10.0**-regime.decimals
    if rng.random() < regime.dead:
        return Bar("1m", at, price, price, price, price, 0.0, 0.0 if regime.quotes else None)
    moves = [0.0] if rng.random() < regime.calm else [rng.gauss(regime.drift, size) for _ in "abc"]
    if rng.random() < regime.jumps:
        moves[-1] += rng.choice((-12.0, 12.0)) * size
    path = [price]
    for move in moves:
        path.append(max(tick, round(path[-1] * (1.0 + move), digits)))
    volume = round(regime.volume * rng.lognormvariate(0.0, 0.9), 3)
    low, high = min(path), max(path)
    quote = round(volume * (low + (high - low) * rng.random()), digits + 3)
    quote = min(max(quote, low * volume), high * volume)
    return Bar("1m", at, price, high, low, path[-1], volume, quote if regime.quotes else None)


def longer(minutes: Iterable[Bar], interval: str) -> list[Bar]:
    """Return the longer bars that whole sets of these 1m bars make."""
    ladder, out = BarAggregator(), []
    for bar in minutes:
        if bar.close_time % INTERVAL_MS[interval] == 0:
            built = ladder.build(interval, bar) if interval != "1m" else bar
            out += [] if built is None else [built]
        ladder.push(bar)
    return out


def facts_of(
    minutes: Iterable[Bar],
    beside: Mapping[int, Mapping[str, Any]] | None = None,
    symbol: str = SYMBOL,
    market: Market = "live",
) -> list[BarsFact]:
    """Return one fact a minute, with its longer bars; `beside` adds fields by open time."""
    ladder, out = BarAggregator(), []
    for bar in minutes:
        built = [ladder.build(name, bar) for name in closing_at(bar.close_time)[1:]]
        bars = (bar, *(one for one in built if one is not None))
        ladder.push(bar)
        more = (beside or {}).get(bar.open_time, {})
        out.append(BarsFact(symbol, bars, market, "ws", bar.close_time + 40, **more))
    return out


def flows_beside(minutes: Iterable[Bar], seed: int = 0, known: float = 1.0) -> dict[int, Any]:
    """Return open interest, liquidations, funding, mark and tick size; some missing."""
    rng, out, contracts, funding = random.Random(seed), {}, 84_000.0, 1e-4
    for n, bar in enumerate(minutes):
        funding = round(rng.gauss(1e-4, 4e-4), 8) if n % 240 == 0 else funding
        contracts = round(contracts * (1.0 + rng.gauss(0.0, 1.2e-3)), 3)
        burst = rng.random() < 0.03
        usd = [
            round(rng.random() * (0.08 if burst else 0.004) * bar.volume * bar.close, 4)
            for _ in "ab"
        ]
        row = {
            "open_interest": contracts, "open_interest_time": bar.close_time - 1500,
            "liq_long_usd": usd[0], "liq_short_usd": usd[1] * rng.choice((0.0, 1.0)),
            "funding_rate": funding, "mark_price": bar.close * 1.0001,
        }  # fmt: skip
        row = {name: x if rng.random() < known else None for name, x in row.items()}
        hours, tick = (
            (8, 4, 1, None)[(n // 90 + seed) % 4],
            (1e-5, 1e-4, None, 1e-3)[(n // 100 + seed) % 4],
        )
        known_tick = None if tick is None else float(f"{tick * 10 ** floor(log10(bar.close)):.0e}")
        out[bar.open_time] = {**row, "funding_hours": hours, "tick_size": known_tick}
    return out


def history_of(minutes: Sequence[Bar], symbol: str = SYMBOL) -> list[HistoryFact]:
    """Return the warm-up of these 1m bars as the ingest task sends it: longest first."""
    out = []
    for interval in reversed(INTERVALS):
        bars = longer(minutes, interval)
        for at in range(0, len(bars), 500):
            out.append(HistoryFact(symbol, interval, tuple(bars[at : at + 500]), "live"))
    return out


def fold(
    facts: Iterable[BarsFact | HistoryFact],
    state: SymbolState | None = None,
    policy: Policy | None = None,
) -> Iterator[Advanced]:
    """Fold facts one after another."""
    state = state or SymbolState.fresh(SYMBOL)
    for fact in facts:
        advanced = advance(state, fact, policy or default_policy())
        state = advanced.state
        yield advanced


def outcome(
    facts: Iterable[BarsFact | HistoryFact],
    state: SymbolState | None = None,
    policy: Policy | None = None,
) -> tuple[SymbolState, list[Evaluation]]:
    """Fold facts; return the last state and all evaluations."""
    last, evaluations = state or SymbolState.fresh(SYMBOL), []
    for advanced in fold(facts, last, policy):
        last = advanced.state
        if advanced.evaluation is not None:
            evaluations.append(advanced.evaluation)
    return last, evaluations


@cache
def warm_minutes() -> tuple[Bar, ...]:
    """Four days of a walk: every interval gets warm on it."""
    return tuple(walk(4 * 1440, seed=5, start=T0 - 4 * 86_400_000))


@cache
def warm_state() -> SymbolState:
    """The state of a symbol that has seen four days, up to T0."""
    return outcome(history_of(warm_minutes()))[0]


def after_warm(count: int, seed: int = 0, regime: WalkRegime | None = None) -> list[Bar]:
    """Return 1m bars that go on from `warm_state`."""
    price = warm_minutes()[-1].close
    return walk(count, seed, regime or WalkRegime(price=price), T0)


def scaled(bar: Bar, price: float, volume: float = 1.0) -> Bar:
    """Return a bar with prices and volumes multiplied."""
    quote = None if bar.quote_volume is None else bar.quote_volume * price * volume
    return replace(
        bar, open=bar.open * price, high=bar.high * price, low=bar.low * price,
        close=bar.close * price, volume=bar.volume * volume, quote_volume=quote,
    )  # fmt: skip


def recorded(symbol: str = "BTC", count: int | None = None) -> list[Bar]:
    """Return recorded 1m bars; the test is skipped where there are none."""
    path = RECORDINGS / f"{symbol}_USDT_USDT-1m-futures.feather"
    if not path.exists():
        pytest.skip(f"no recorded bars at {path.parent}")
    return _read(path)[:count]


@cache
def _read(path: Path) -> list[Bar]:
    from pyarrow import feather  # here: most tests do without it

    table = feather.read_table(path)
    columns = [table[name].to_pylist() for name in ("open", "high", "low", "close", "volume")]
    times = [int(at.timestamp() * 1000) for at in table["date"].to_pylist()]
    return [Bar("1m", at, *row) for at, *row in zip(times, *columns, strict=True)]


def column(bars: Iterable[Bar], name: str) -> npt.NDArray[np.float64]:
    """Return one field of bars as an array."""
    return np.array([getattr(bar, name) for bar in bars], dtype=float)


def policy_with(**changes: Any) -> Policy:
    """Return the default policy with fields replaced; `events__ema_cross={…}` reaches inside."""
    raw = json.loads(files("signalengine").joinpath("policy.json").read_text())
    for path, value in changes.items():
        *folders, name = path.split("__")
        table = raw
        for folder in folders:
            table = table[folder]
        table[name] = {**table[name], **value} if isinstance(value, dict) else value
    return load_policy(json.dumps(raw))


def everywhere() -> Policy:
    """Return a policy that looks for every kind of bar event on every interval it may."""
    kinds = ("ema_cross", "rsi_extreme", "structure_break")
    return policy_with(
        **{f"events__{kind}": {"intervals": list(CLASSIC_INTERVALS)} for kind in kinds}
    )


def texts(evaluations: Sequence[Evaluation]) -> list[str]:
    """Return the stored form of each."""
    return [to_json(e) for e in evaluations]


def facts_beside(seed: int, count: int = 420, hole: bool = True) -> list[BarsFact]:
    """Facts after the warm-up, with flows, some unknown, and a hole."""
    minutes = after_warm(count, seed)
    beside = flows_beside(minutes, seed, known=0.97)
    if hole:
        at = 100 + seed % 200
        del minutes[at : at + 1 + seed % 7]
    return facts_of(minutes, beside)
