"""Made-up runs: random markets, entries of our choosing, the core's own levels and outcomes."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any

import numpy as np
from signalengine.exits.ticks import on_tick
from signalengine.facts.stream import Market, Quality
from signalengine.intervals import MINUTE_MS
from signalengine.policy import Policy, default_policy, load_policy
from signalengine.settlement import StoredBar, settle
from signalengine.signals import (
    COMPONENTS,
    RETURN_SCALE,
    Direction,
    Event,
    Outcome,
    Settlement,
    Signal,
    settled,
    signal_id,
)

from research.backtest.feed import Feed, feed_of_table
from research.data.bars import BarTable
from research.data.series import Steps
from research.statistics.entries import atr_by_minute, entries_of
from research.statistics.trades import Span
from tests.research.data.recordings import START, market

DAY = 86_400_000
HOUR = 3_600_000


@dataclass
class MadeRun:
    """What a run looks like from outside."""

    symbol: str
    policy: Policy
    feed: Feed
    table: BarTable | None
    signals: tuple[Signal, ...]
    verdicts: dict[str, int] = field(default_factory=dict)


Choose = Callable[["MadeRun"], Iterable[tuple[int, Direction]]]


def policy_with(**changes: object) -> Policy:
    """The default policy with top fields changed."""
    raw = json.loads(files("signalengine").joinpath("policy.json").read_text())
    return load_policy(json.dumps({**raw, **changes}))


def made_run(
    choose: Choose,
    *,
    symbol: str = "BTCUSDT",
    days: float = 8,
    seed: int = 1,
    policy: Policy | None = None,
    kind: Market = "recording",
    without: Sequence[int] = (),
    start: int = START,
) -> MadeRun:
    """A random market, funding every 8 hours, and the signals that `choose` selects."""
    table = market(int(days * 1440), seed=seed, symbol=symbol, start=start)
    due = np.arange(-(-table.start // (8 * HOUR)) * 8 * HOUR, table.end, 8 * HOUR)
    rates = np.random.default_rng(seed).normal(1e-4, 2e-4, len(due))
    keep = np.setdiff1d(np.arange(len(table)), np.array(without, dtype=int))
    columns = {
        name: getattr(table, name)[keep]
        for name in ("open_time", "open", "high", "low", "close", "volume", "quote_volume")
    }
    columns |= {name: getattr(table, name)[keep] for name in ("trades", "taker_buy_volume")}
    table = replace(table, **columns, funding=Steps(due, rates), market=kind)
    run = MadeRun(symbol, policy or default_policy(), feed_of_table(table), table, ())
    atr = atr_by_minute(run.feed, run.policy)
    run.signals = tuple(signal_at(run, minute, way, atr[minute]) for minute, way in choose(run))
    run.verdicts = {"emitted": len(run.signals), "below_threshold": 3 * len(run.signals)}
    return run


def signal_at(
    run: MadeRun, minute: int, direction: Direction, known: float | None = None
) -> Signal:
    """The signal that an entry at this minute's close is, settled by the core."""
    side = 1.0 if direction == "long" else -1.0
    atr = float(atr_by_minute(run.feed, run.policy)[minute] if known is None else known)
    price, tick = float(run.feed.bars[minute, 4]), float(run.feed.tick[minute])
    policy = run.policy
    signal = opened(
        symbol=run.symbol,
        close_time=int(run.feed.bars[minute, 0]) + MINUTE_MS,
        direction=direction,
        policy=policy,
        score=0.5 + minute % 23 / 100,
        market=run.feed.market,
        entry=price,
        tp=on_tick(price + side * policy.tp_atr * atr, side, tick),
        sl=on_tick(price - side * policy.sl_atr * atr, side, tick),
    )
    end = settle(signal, stored(run, minute))
    return signal if end is None else settled(signal, end)


def stored(run: MadeRun, minute: int) -> list[StoredBar]:
    """The bars after a minute, as long as a signal lives."""
    out = []
    for n in range(
        minute + 1, min(minute + 1 + run.policy.ttl_ms // MINUTE_MS, len(run.feed.bars))
    ):
        time, o, high, low, close = (float(x) for x in run.feed.bars[n, :5])
        paid = float(run.feed.funding_paid[n])
        out.append(StoredBar(int(time), o, high, low, close, None if paid != paid else paid))
    return out


def opened(
    *,
    symbol: str = "BTCUSDT",
    close_time: int = START,
    direction: Direction = "long",
    policy: Policy | None = None,
    score: float = 0.6,
    market: Market = "recording",
    entry: float = 100.0,
    tp: float = 102.0,
    sl: float = 99.0,
    kinds: Sequence[str] = ("ema_cross",),
    missing: tuple[str, ...] = ("oi",),
) -> Signal:
    """An open signal."""
    rules = policy or default_policy()
    return Signal(
        signal_id=signal_id(rules.digest, symbol, close_time, direction),
        symbol=symbol,
        direction=direction,
        score=score,
        close_time=close_time,
        entry_price=entry,
        tp_price=tp,
        sl_price=sl,
        atr=abs(tp - entry) / rules.tp_atr,
        atr_interval=rules.atr_interval,
        expires_at=close_time + rules.ttl_ms,
        components=dict.fromkeys(COMPONENTS, 0.5),
        missing=missing,
        events=tuple(Event(kind, "5m", direction, 0.4, {"spread": 0.1}) for kind in kinds),
        quality=Quality(),
        market=market,
        policy_digest=rules.digest,
        code_version="4.0.0",
        fee_bps=rules.fee_bps,
        slippage_bps=rules.slippage_bps,
    )


def closed(
    net: float,
    *,
    held: int = 30,
    outcome: Outcome | None = None,
    cost: float = 0.0012,
    **how: Any,
) -> Signal:
    """A closed signal of this net return (a fraction)."""
    signal = opened(**how)
    gross = round((net + cost) * RETURN_SCALE)
    paid = round(cost * RETURN_SCALE)
    end = outcome or (Outcome.TP_HIT if net > 0 else Outcome.SL_HIT)
    return settled(
        signal,
        Settlement(
            outcome=end, closed_at=signal.close_time + held * MINUTE_MS,
            exit_price=signal.entry_price * (1 + signal.side * gross / RETURN_SCALE),
            gross_return=gross, cost=paid, funding=0, net_return=gross - paid, resolution="bar",
            ambiguous=False, bars_held=held, mfe=max(gross, 0) + 10_000, mae=min(gross, 0) - 10_000,
            next_open=signal.entry_price,
        ),
    )  # fmt: skip


def month(
    net: Sequence[float], *, days: int = 40, symbol: str = "BTCUSDT", **how: object
) -> tuple[list[Signal], Span]:
    """Signals with these net returns, spread evenly over so many days, and their span."""
    step = days * DAY // max(1, len(net)) // MINUTE_MS * MINUTE_MS
    signals = [
        closed(x, symbol=symbol, close_time=START + n * step, **how) for n, x in enumerate(net)
    ]
    return signals, Span(symbol, START, START + days * DAY)


def at_random(count: int, seed: int = 0) -> Choose:
    """Choose allowed minutes and directions by chance."""

    def choose(run: MadeRun) -> Iterable[tuple[int, Direction]]:
        rng = np.random.default_rng(seed)
        allowed = np.flatnonzero(entries_of(run).allowed)
        for minute in np.sort(rng.choice(allowed, size=count, replace=False)):
            yield int(minute), "long" if rng.random() < 0.5 else "short"

    return choose


def with_foresight(count: int, seed: int = 0) -> Choose:
    """Choose minutes whose outcome is good: what no rule may know."""

    def choose(run: MadeRun) -> Iterable[tuple[int, Direction]]:
        entries = entries_of(run)
        good = np.flatnonzero(entries.allowed & (entries.net[0] > 0))
        rng = np.random.default_rng(seed)
        return ((int(m), "long") for m in np.sort(rng.choice(good, size=count, replace=False)))

    return choose
