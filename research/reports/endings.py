"""How signals ended, in numbers: by outcome, and by target where there are several."""

from collections.abc import Iterator

import numpy as np
from signalengine.signals import RETURN_SCALE, Outcome, Settlement, Signal, Target

from research.reports import formatting, lists
from research.reports.markup import Child, Html, joined
from research.statistics.trades import Trades


def tables(trades: Trades) -> Html:
    """Return the table of outcomes, and that of targets where a signal has more than TP and SL."""
    some = any(signal.exits is not None for signal in trades.signals)
    return joined(by_outcome(trades), *([by_target(trades)] if some else []))


def by_outcome(trades: Trades) -> Html:
    """Return a row for each outcome that there is."""
    kinds = np.array([end.outcome.value for end in trades.settlements], dtype=object)
    held, net = trades.closed - trades.entered, trades.net / RETURN_SCALE
    rows: list[tuple[Child, ...]] = []
    for outcome in Outcome:
        those = kinds == outcome.value
        if not those.any():
            continue
        rows.append((
            formatting.OUTCOMES[outcome], f"{those.sum():,}",
            formatting.percent(those.mean(), 0), formatting.bps(float(net[those].mean())),
            formatting.duration(float(np.median(held[those]))),
            formatting.duration(float(held[those].max())),
        ))  # fmt: skip
    heads = ("ended by", "N", "share", "mean net, bps", "held, median", "longest")
    return lists.table(heads, rows, "Signals by how they ended")


def by_target(trades: Trades) -> Html:
    """Return how many signals reached each target, and how many a stop that had moved."""
    had, reached, parts = ([0] * _MOST for _ in range(3))
    for signal, end in zip(trades.signals, trades.settlements, strict=True):
        for k, target in enumerate(targets_of(signal)):
            had[k] += 1
            parts[k] += round(target.fraction * 10_000)
        for k in reached_by(end):
            reached[k] += 1
    rows: list[tuple[Child, ...]] = [
        (f"target {k + 1}", f"{had[k]:,}", f"{reached[k]:,}",
         formatting.percent(reached[k] / had[k], 0), formatting.percent(parts[k] / had[k] / 1e4, 0))
        for k in range(_MOST)
        if had[k]
    ]  # fmt: skip
    moved, n = sum(map(stop_moved, trades.signals)), len(trades)
    if moved:
        share = formatting.percent(moved / n, 0)
        rows.append(("a stop that had moved", f"{n:,}", f"{moved:,}", share, formatting.NOTHING))
    heads = ("", "signals with it", "reached", "share", "closes of a position")
    return lists.table(heads, rows, "Targets and stops")


_MOST = 4
"""Targets of a signal at most."""


def targets_of(signal: Signal) -> tuple[Target, ...]:
    """Return a signal's targets; one TP is a target of the whole position."""
    if signal.exits is None:
        return (Target(signal.tp_price, 1.0),)
    return signal.exits.targets


def reached_by(end: Settlement) -> Iterator[int]:
    """Yield the numbers, from 0, of the targets that were reached."""
    if not end.fills and end.outcome is Outcome.TP_HIT:
        yield 0
    for fill in end.fills:
        if fill.name.startswith("target"):
            yield int(fill.name.removeprefix("target")) - 1


def stop_moved(signal: Signal) -> bool:
    """Return whether a signal ended at a stop nearer to the market than its first one.

    A stop is filled at its price or at a worse one, so a better price is that of a moved stop.
    """
    end = signal.settlement
    if end is None or end.outcome is not Outcome.SL_HIT:
        return False
    return signal.side * (end.exit_price - signal.sl_price) > 0.0
