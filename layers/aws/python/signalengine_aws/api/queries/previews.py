"""What other parameters of a set would have done in the last week, beside what runs: hindsight.

The engine's own code on what it has folded, for few symbols and a limited time. The symbols that
did not fit are named, so that the next request has them.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from math import fsum
from typing import TYPE_CHECKING, Any, Final

from signalengine.errors import PermanentError, StrategyError
from signalengine.facts.markets import Market
from signalengine.intervals import DAY_MS, INTERVAL_MS
from signalengine.policy import CLASSIC, Policy, default_policy, load_policy
from signalengine.signals import Signal
from signalengine.stats.performance import pct
from signalengine.stats.ratios import mean_interval, wilson
from signalengine.strategy.deployed import deployed
from signalengine.strategy.parameter_set import ParameterSet
from signalengine.strategy.policy_fields import flattened
from signalengine.strategy.preview import Previewed, check_preview, risk_multiple
from signalengine.strategy.sets import StrategySet

from ...stores.pagination import Span
from ..changed_sets import STORED_DAYS
from ..preview_folds import TooSlowError, Week
from .feed import newest_time

if TYPE_CHECKING:
    from ..operator_services import OperatorServices

DAYS: Final = 7
MOST_SYMBOLS: Final = 5
MOST_SIGNALS: Final = 100
MOST_LIVE: Final = 4
"""Live sets that are shown beside."""
BEGIN_S: Final = 12.0
"""After so long no other group of symbols is begun."""
MOST_S: Final = 24.0
"""After so long none is finished: the caller waits 29 s."""


class Previews:
    """Previews on one stack."""

    def __init__(
        self, services: "OperatorServices", seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._services = services
        self._seconds = seconds

    def of(self, name: str, chosen: Mapping[str, float], symbols: Sequence[str]) -> dict[str, Any]:
        """Return all sides; raises what `ChangedSets.proposed` raises, and StrategyError."""
        services = self._services
        proposed, current = self._both(name, chosen)
        for one in (proposed, current):
            check_preview(one)
        live, left_out = self._live(current)
        beat = services.feed.heartbeat() or {}
        market: Market = beat.get("market", "live")
        end = newest_time(services.feed, services.now)
        end -= end % INTERVAL_MS["1m"]
        span = Span(end - DAYS * DAY_MS, end)
        listed = list(dict.fromkeys(symbols)) or sorted(services.feed.trading())
        weeks, skipped = self._run((proposed, current, *live), listed, span)
        columns = list(zip(*(week.sides for week in weeks), strict=True))
        sides = columns or [()] * (2 + len(live))
        done = {week.symbol for week in weeks}
        return {
            "start": span.start,
            "end": span.end,
            "market": market,
            "symbols": [symbol for symbol in listed if symbol in done],
            "skipped": skipped,
            "unknown": [one for one in listed if one not in done and one not in skipped],
            "since": max((week.since for week in weeks), default=span.start),
            "proposed": _side(proposed, sides[0]),
            "current": _side(current, sides[1]),
            "live": [_side(one, rows) for one, rows in zip(live, sides[2:], strict=True)],
            "notes": _notes(proposed, sides[0], weeks, span, left_out),
        }

    def _both(self, name: str, chosen: Mapping[str, float]) -> tuple[ParameterSet, ParameterSet]:
        """Return a set with chosen parameters, and as it is."""
        if name == CLASSIC:
            return _policy(chosen), default_policy()
        sets = self._services.sets("")
        return sets.proposed(name, chosen), sets.current(name)

    def _live(self, current: ParameterSet) -> tuple[list[ParameterSet], list[str]]:
        """Return the live sets that are not the current one; and why others are not shown."""
        found: list[ParameterSet] = []
        left_out: list[str] = []
        find = self._services.sets("").find
        for one in self._services.registry.read().values():
            if one.status != "live" or one.name == current.key:
                continue
            try:
                rules = default_policy() if one.name == CLASSIC else deployed(one, find)
                check_preview(rules)
            except PermanentError as error:
                left_out.append(f"not shown: {error}")
            else:
                found.append(rules)
        return found[:MOST_LIVE], left_out

    def _run(
        self, sets: Sequence[ParameterSet], symbols: Sequence[str], span: Span
    ) -> tuple[list[Week], list[str]]:
        """Return the weeks of the symbols that fitted, and the other symbols."""
        begun, folds = self._seconds(), self._services.preview_folds
        taken = symbols[:MOST_SYMBOLS]
        done: list[Week] = []
        skipped: list[str] = []
        for group, names in folds.groups(taken):
            if self._seconds() - begun > BEGIN_S:
                skipped += names
                continue
            try:
                done += folds.weeks(group, names, sets, span, begun + MOST_S)
            except TooSlowError:
                if not done:
                    raise
                skipped += names
        return done, [*skipped, *symbols[MOST_SYMBOLS:]]


def _policy(chosen: Mapping[str, float]) -> Policy:
    """Return the deployed policy with other numbers; raises PolicyError naming the field."""
    raw = json.loads(files("signalengine").joinpath("policy.json").read_text(encoding="utf-8"))
    known = {name for name, value in flattened(raw) if isinstance(value, int | float)}
    for name, value in chosen.items():
        if name not in known:
            raise StrategyError(f"there is no number {name!r} in the policy")
        *path, last = name.split(".")
        place = raw
        for part in path:
            place = place[part]
        place[last] = value
    return load_policy(json.dumps(raw))


def _side(one: ParameterSet, rows: Sequence[Previewed]) -> dict[str, Any]:
    signals = [signal for row in rows for signal in row.signals]
    ends = [(signal, signal.settlement) for signal in signals if signal.settlement is not None]
    nets = [end.net_return for _, end in ends]
    n, wins, total = len(nets), sum(net > 0 for net in nets), sum(nets)
    multiples = [r for signal, end in ends if (r := risk_multiple(signal, end)) is not None]
    rate = wilson(wins, n) if n else (None, None)
    squares = sum(net * net for net in nets)
    mean = mean_interval(n, total, squares) or (None, None)
    return {
        "name": one.key,
        "digest": one.digest,
        "parameters": _parameters(one),
        "signals": len(signals),
        "open": len(signals) - n,
        "closed": n,
        "wins": wins,
        "win_rate": wins / n if n else None,
        "win_rate_low": rate[0],
        "win_rate_high": rate[1],
        "net_pct": pct(total),
        "net_pct_squares": fsum(pct(net) ** 2 for net in nets),
        "avg_pct": pct(total) / n if n else None,
        "avg_pct_low": None if mean[0] is None else pct(1) * mean[0],
        "avg_pct_high": None if mean[1] is None else pct(1) * mean[1],
        "r_sum": fsum(multiples),
        "r_count": len(multiples),
        "costs_pct": pct(sum(end.cost for _, end in ends)),
        "closes": sum(row.closes for row in rows),
        "not_warm": sum(row.not_warm for row in rows),
        "list": [_listed(signal) for signal in sorted(signals, key=_time)[-MOST_SIGNALS:]],
    }


def _parameters(one: ParameterSet) -> dict[str, float]:
    if not isinstance(one, StrategySet):
        return {}
    declared = one.loaded.strategy.parameters.declared
    return {d.name: x for d, x in zip(declared, one.parameters, strict=True)}


def _time(signal: Signal) -> int:
    return signal.close_time


def _listed(signal: Signal) -> dict[str, Any]:
    end = signal.settlement
    return {
        "id": signal.signal_id,
        "symbol": signal.symbol,
        "direction": signal.direction,
        "close_time": signal.close_time,
        "entry_price": signal.entry_price,
        "outcome": None if end is None else end.outcome.value,
        "net_pct": None if end is None else pct(end.net_return),
        "r": None if end is None else risk_multiple(signal, end),
    }


def _notes(
    one: ParameterSet,
    rows: Sequence[Previewed],
    weeks: Sequence[Week],
    span: Span,
    left_out: Sequence[str],
) -> list[str]:
    """Return what a reader has to know of the numbers."""
    found = ["hindsight: these parameters were chosen after the week was known"]
    late = [week.symbol for week in weeks if week.since > span.start]
    if late:
        found.append(f"less than a week is known of {', '.join(late)}")
    if not weeks:
        found.append("no state of these symbols is stored yet: the first comes within four hours")
    if weeks and sum(row.not_warm for row in rows):
        found.append(_warm_up(one))
    return [*found, *left_out]


def _warm_up(one: ParameterSet) -> str:
    """Return why a set is not warm, and how long it takes."""
    if isinstance(one, Policy):
        return f"it needs {one.warm_bars} bars of each interval, and had fewer at some closes"
    needs = one.loaded.strategy.warm_up if isinstance(one, StrategySet) else {}
    bars = ", ".join(f"{count} × {name}" for name, count in needs.items())
    longest = max((count * INTERVAL_MS[name] for name, count in needs.items()), default=0)
    days = -(-longest // DAY_MS)
    found = f"it needs {bars}, which is {days} days, and had fewer at some closes"
    if days <= STORED_DAYS:
        return f"{found}: a stack has them after {days + DAYS} days"
    return (
        f"{found}. Stored bars reach back {STORED_DAYS} days: run it in shadow, where older ones "
        "come when the ingest task starts again, or see `signalengine backtest`"
    )
