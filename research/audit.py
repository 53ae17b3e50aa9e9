"""Two proofs that anyone can run: live equals backtest, and nothing repaints.

`parity` compares the decisions and outcomes of a deployed stack with the engine run again on the
facts that the stack read. `repaint` computes every decision again from history that ends at its own
bar. Both return differences; an empty list is the proof.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from signalengine.facts.stream import BarsFact, HistoryFact
from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS
from signalengine.models.model import Model
from signalengine.policy import Policy
from signalengine.signals import Decision, Signal
from signalengine.strategy.sets import StrategySet

from research.backtest.feed import Feed, feed_of_facts
from research.backtest.market import run_market
from research.backtest.replay import Behind
from research.backtest.result import Run
from research.backtest.run import run, simulate
from research.backtest.strategy_run import (
    Absent,
    StrategyRun,
    run_sets,
    simulate_set_market,
)

NOT_COMPARED = {
    "code_version": "the version that computed it, not the result",
    "reason": "text made from the other fields",
    "shadow": "whether it was published, which the operator of a stack decides",
    "strategy": "the key of the parameter set, whose digest is in each id",
}
"""Fields that are not compared, each with its reason."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not the same."""

    what: str
    field: str
    live: Any
    again: Any

    def __str__(self) -> str:
        return f"{self.what}: {self.field} is {self.live!r}, computed again {self.again!r}"


def parity(
    facts: Mapping[str, Iterable[BarsFact | HistoryFact]],
    decisions: Sequence[Decision],
    signals: Sequence[Signal],
    policy: Policy,
    model: Model | None = None,
) -> list[Difference]:
    """Compare decisions, signals and outcomes with the engine run on the facts, by symbol."""
    feeds = map(feed_of_facts, facts.values())
    again = run_market(feeds, policy, model, behind_of(decisions))
    return compared(again, decisions, signals)


def parity_set(
    facts: Mapping[str, Iterable[BarsFact | HistoryFact]],
    decisions: Sequence[Decision],
    signals: Sequence[Signal],
    one: StrategySet,
    policy: Policy | None = None,
) -> list[Difference]:
    """Compare those of a parameter set with its run on the facts, by symbol.

    `policy` is that of the shared fold, whose features a strategy may read.
    """
    feeds = map(feed_of_facts, facts.values())
    again = run_sets(feeds, one, behind_of(decisions), policy, absent_of(decisions))
    return compared(again, decisions, signals)


def behind_of(decisions: Iterable[Decision]) -> Behind:
    """Return what live decisions did not know of other symbols, for the run that repeats them."""
    return {(d.symbol, d.close_time): d.behind for d in decisions if d.behind}


def absent_of(decisions: Iterable[Decision]) -> Absent:
    """Return which symbols live decisions could not compare with, for the run that repeats them."""
    return {(d.symbol, d.close_time): d.absent for d in decisions if d.absent}


def compared(
    runs: Iterable[Run | StrategyRun], decisions: Sequence[Decision], signals: Sequence[Signal]
) -> list[Difference]:
    """Compare decisions, signals and outcomes with those of the runs, by symbol."""
    out: list[Difference] = []
    for again in runs:
        symbol = again.symbol
        mine = {d.close_time: d for d in decisions if d.symbol == symbol}
        out += _compare(symbol, mine, {d.close_time: d for d in decisions_of(again)})
        published = {s.signal_id: s for s in signals if s.symbol == symbol}
        out += _compare(symbol, published, {s.signal_id: s for s in again.signals})
    return out


def repaint(whole: Run) -> list[Difference]:
    """Compute every decision of a run, and its signal, again from history cut at its own bar.

    The run must be of one symbol alone: protections of the whole market see only this symbol. A run
    over a table is cut before longer bars and side data are derived from it; a run over facts
    after, because each fact carries the time at which it was known.
    """
    out: list[Difference] = []
    decided, opened = list(decisions_of(whole)), _openings(whole)
    for number, decision in enumerate(decided):
        if whole.table is not None:
            known = whole.table.between(None, decision.close_time)
            cut = simulate(known, whole.policy, start=whole.start, model=whole.model)
        else:
            minutes = int(whole.decision_rows[number, 0]) + 1
            cut = run(_cut(whole.feed, minutes), whole.policy, model=whole.model)
        what = f"{decision.symbol} {decision.close_time}"
        out += _fields(what, _plain(decision), _plain(next(_last(cut))))
        mine, again = opened.get(decision.signal_id), _openings(cut).get(decision.signal_id)
        if mine is not None and again is not None:
            out += _fields(what, _plain(mine), _plain(again))
    return out


def _openings(done: Run) -> dict[str | None, Signal]:
    """Return a run's signals as they were opened, by id."""
    return {signal.signal_id: replace(signal, settlement=None) for signal in done.signals}


def repaint_set(whole: StrategyRun) -> list[Difference]:
    """Compute every decision of a parameter set's run again, as `repaint` does."""
    return repaint_market([whole])


def repaint_market(runs: Sequence[StrategyRun]) -> list[Difference]:
    """Compute the decisions of a parameter set's runs over a market again, each close by itself.

    A strategy that compares symbols needs all of them; of another one they are those of each alone.
    """
    out: list[Difference] = []
    together = runs[0].policy.loaded.strategy.compares if runs else False
    for group in [runs] if together else [[each] for each in runs]:
        for time in sorted({d.close_time for each in group for d in each.decisions}):
            again = {each.symbol: each for each in _cut_runs(group, time)}
            for each in group:
                out += _repainted(each, again.get(each.symbol), time)
    return out


def _cut_runs(runs: Sequence[StrategyRun], time: int) -> list[StrategyRun]:
    """Run again what was known at a close (ms)."""
    begun, one = [run for run in runs if run.start < time], runs[0].policy
    if all(run.table is not None for run in begun):
        tables = [run.table.between(None, time) for run in begun if run.table is not None]
        return simulate_set_market(tables, one, start=min(run.start for run in begun))
    minutes = [int(np.searchsorted(run.feed.bars[:, 0], time)) for run in begun]
    return run_sets([_cut(run.feed, n) for run, n in zip(begun, minutes, strict=True)], one)


def _repainted(whole: StrategyRun, again: StrategyRun | None, time: int) -> list[Difference]:
    """Compare a run's decision at a close, and its signal, with those computed again."""
    decision = next((d for d in whole.decisions if d.close_time == time), None)
    if decision is None:
        return []
    what = f"{decision.symbol} {time}"
    if again is None or not again.decisions or again.decisions[-1].close_time != time:
        return [Difference(what, "presence", True, False)]
    out = _fields(what, _plain(decision), _plain(again.decisions[-1]))
    if decision.signal_id is not None and again.signals:
        mine = next(one for one in whole.signals if one.signal_id == decision.signal_id)
        opened = (replace(one, settlement=None) for one in (mine, again.signals[-1]))
        first, second = (_plain(one) for one in opened)
        out += _fields(what, first, second)
    return out


def decisions_of(done: Run | StrategyRun) -> Iterator[Decision]:
    """Yield a run's decisions in the form of the live ones."""
    if isinstance(done, StrategyRun):
        yield from done.decisions
        return
    ids = {int(row[0]): s.signal_id for row, s in zip(done.signal_rows, done.signals, strict=True)}
    for number in range(len(done.decision_rows)):
        yield _decision(done, number, ids.get(number))


def _last(done: Run) -> Iterator[Decision]:
    number = len(done.decision_rows) - 1
    rows = done.signal_rows
    ids = {int(row[0]): s.signal_id for row, s in zip(rows[-1:], done.signals[-1:], strict=True)}
    yield _decision(done, number, ids.get(number))


def _decision(done: Run, number: int, signal_id: str | None) -> Decision:
    minute = int(done.decision_rows[number, 0])
    return Decision(
        symbol=done.symbol,
        close_time=done.close_time(number),
        verdict=done.verdict(number),
        direction=done.direction(number),
        price=float(done.feed.bars[minute, 4]),
        scores=done.scores(number),
        events=done.events(number),
        quality=done.quality(number),
        market=done.feed.market,
        policy_digest=done.policy.digest,
        code_version="",
        signal_id=signal_id,
        reason="",
        opinion=done.opinions.get(number),
        protections=done.refused.get(number, ()),
        behind=done.behind.get(number, {}),
    )


def _cut(feed: Feed, minutes: int) -> Feed:
    """Return the feed as it was known when its first `minutes` bars had closed."""
    until = feed.columns[0][minutes - 1] + MINUTE_MS
    longer = tuple(
        rows[: int(np.searchsorted(rows[:, 0] + INTERVAL_MS[interval], until, side="right"))]
        for interval, rows in zip(INTERVALS[1:], feed.longer, strict=True)
    )
    return replace(
        feed,
        columns=tuple(column[:minutes] for column in feed.columns),
        beside=feed.beside[:minutes],
        late_ms=feed.late_ms[:minutes],
        tick=feed.tick[:minutes],
        longer=longer,
        funding_paid=feed.funding_paid[:minutes],
        paths=None if feed.paths is None else feed.paths[:minutes],
        qualities=None if feed.qualities is None else feed.qualities[:minutes],
    )


def _compare(symbol: str, live: Mapping[Any, Any], again: Mapping[Any, Any]) -> list[Difference]:
    out: list[Difference] = []
    for key in sorted(live.keys() | again.keys()):
        what = f"{symbol} {key}"
        if key not in live or key not in again:
            out.append(Difference(what, "presence", key in live, key in again))
            continue
        out += _fields(what, _plain(live[key]), _plain(again[key]))
    return out


def _fields(what: str, live: Mapping[str, Any], again: Mapping[str, Any]) -> list[Difference]:
    return [
        Difference(what, name, live.get(name), again.get(name))
        for name in sorted(live.keys() | again.keys())
        if live.get(name) != again.get(name)
    ]


def _plain(item: Decision | Signal) -> dict[str, Any]:
    """Flatten to dotted names, without the fields that are not compared."""
    return dict(_flatten("", asdict(item)))


def _flatten(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in NOT_COMPARED:
                yield from _flatten(f"{prefix}.{name}" if prefix else str(name), inner)
    elif isinstance(value, list | tuple):
        yield f"{prefix}.count", len(value)
        for number, inner in enumerate(value):
            yield from _flatten(f"{prefix}.{number}", inner)
    else:
        yield prefix, value
