"""What other parameters of a set would have done in the last week, beside what runs: hindsight.

The engine's own code on the stored bars, for few symbols and a limited time. What it lacks is said:
bars before the stack ran, funding, and what is not stored bar by bar.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from signalengine.errors import StrategyError
from signalengine.facts.markets import Market
from signalengine.intervals import DAY_MS, INTERVAL_MS
from signalengine.policy import CLASSIC, default_policy
from signalengine.settlement import StoredBar
from signalengine.signals import Signal, stats_key
from signalengine.stats.performance import pct, total
from signalengine.strategy.buffer import MOST_WARM
from signalengine.strategy.lifecycle import Registered, failure
from signalengine.strategy.preview import Previewed, check_preview, preview
from signalengine.strategy.set_states import wanted
from signalengine.strategy.sets import StrategySet

from ...stores.pagination import Span
from .feed import newest_time

if TYPE_CHECKING:
    from ..operator_services import OperatorServices

DAYS: Final = 7
MOST_SYMBOLS: Final = 5
MOST_SIGNALS: Final = 100
SECONDS: Final = 15.0
"""After so long no other symbol is begun: the caller waits 29 s at most."""
FILLS: Final = "5m"
"""The bars that settle."""


class Previews:
    """Previews on one stack."""

    def __init__(
        self, services: "OperatorServices", seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._services = services
        self._seconds = seconds

    def of(self, name: str, chosen: Mapping[str, float], symbols: Sequence[str]) -> dict[str, Any]:
        """Return both sides; raises what `ChangedSets.proposed` raises, and StrategyError."""
        services = self._services
        sets, beat = services.sets(""), services.feed.heartbeat() or {}
        proposed = sets.proposed(name, chosen)
        current = sets.current(name)
        for one in (proposed, current):
            check_preview(one)
            if "1m" in wanted(one):
                raise StrategyError(f"{one.key} reads 1m bars: a week of them is too much for this")
        end = newest_time(services.feed, services.now)
        span = Span(end - DAYS * DAY_MS, end)
        market: Market = beat.get("market", "live")
        listed = list(symbols) or sorted(services.feed.trading())
        done, skipped = self._run((proposed, current), listed, span, market)
        rows = list(zip(*done, strict=True)) or [(), ()]
        return {
            "start": span.start,
            "end": span.end,
            "market": market,
            "symbols": [one.symbol for one in rows[0]],
            "skipped": skipped,
            "proposed": _side(proposed, rows[0]),
            "current": _side(current, rows[1]),
            "live": self._live(market, span),
            "notes": _notes(proposed, rows[0], skipped),
        }

    def _run(
        self, several: Sequence[StrategySet], symbols: Sequence[str], span: Span, market: Market
    ) -> tuple[list[list[Previewed]], list[str]]:
        """Return each symbol's previews, one a set, and the symbols that were left out."""
        begun, ticks = self._seconds(), self._services.feed.contracts().tick_sizes
        done: list[list[Previewed]] = []
        for place, symbol in enumerate(symbols):
            if place >= MOST_SYMBOLS or self._seconds() - begun > SECONDS:
                return done, list(symbols[place:])
            fills = self._fills(symbol, span)
            done.append([self._one(one, symbol, fills, span, market, ticks) for one in several])
        return done, []

    def _one(
        self,
        one: StrategySet,
        symbol: str,
        fills: Sequence[StoredBar],
        span: Span,
        market: Market,
        ticks: Mapping[str, float],
    ) -> Previewed:
        bars = self._bars(one, symbol, span)
        tick = ticks.get(symbol)
        try:
            return preview(one, symbol, bars, fills, span.start, market=market, tick_size=tick)
        except Exception as error:  # of the strategy's own function
            raise StrategyError(failure(error, one.loaded.origin)) from error

    def _bars(self, one: StrategySet, symbol: str, span: Span) -> list[Any]:
        found = []
        for interval in wanted(one):
            step = INTERVAL_MS[interval]
            before = Span(span.start - MOST_WARM * step, span.end)
            most = (before.end - before.start) // step + 1
            bars, _ = self._services.bars.candles(symbol, interval, before, most, newest=True)
            found += [bar for bar in bars if bar.close_time <= span.end]
        return found

    def _fills(self, symbol: str, span: Span) -> list[StoredBar]:
        step = INTERVAL_MS[FILLS]
        most = (span.end - span.start) // step + 1
        bars, _ = self._services.bars.candles(symbol, FILLS, span, most, newest=False)
        return [
            StoredBar(bar.open_time, bar.open, bar.high, bar.low, bar.close, length_ms=step)
            for bar in bars
            if bar.close_time <= span.end
        ]

    def _live(self, market: str, span: Span) -> list[dict[str, Any]]:
        """Return what the live sets closed on the days of the span, as it is stored."""
        first = time.strftime("%Y-%m-%d", time.gmtime(span.start / 1000))
        found = []
        for one in self._services.registry.read().values():
            if one.status == "live":
                days = self._services.totals.days(stats_key(_digest(one), market))
                row = total(each for day, each in days.items() if day >= first)
                found.append({"name": one.name, **_sums(row.closed, row.wins, row.net_sum)})
        return found


def _digest(one: Registered) -> str:
    return default_policy().digest if one.name == CLASSIC and not one.digest else one.digest


def _sums(closed: int, wins: int, net: int) -> dict[str, Any]:
    return {
        "closed": closed,
        "wins": wins,
        "net_pct": pct(net),
        "avg_pct": pct(net) / closed if closed else None,
    }


def _side(one: StrategySet, rows: Sequence[Previewed]) -> dict[str, Any]:
    signals = [signal for row in rows for signal in row.signals]
    closed = [signal.settlement for signal in signals if signal.settlement is not None]
    nets = [each.net_return for each in closed]
    declared = one.loaded.strategy.parameters.declared
    return {
        "name": one.key,
        "digest": one.digest,
        "parameters": {d.name: x for d, x in zip(declared, one.parameters, strict=True)},
        "signals": len(signals),
        "open": len(signals) - len(closed),
        **_sums(len(closed), sum(net > 0 for net in nets), sum(nets)),
        "costs_pct": pct(sum(each.cost for each in closed)),
        "closes": sum(row.closes for row in rows),
        "not_warm": sum(row.not_warm for row in rows),
        "list": [_listed(signal) for signal in sorted(signals, key=_time)[-MOST_SIGNALS:]],
    }


def _time(signal: Signal) -> int:
    return signal.close_time


def _listed(signal: Signal) -> dict[str, Any]:
    end = signal.settlement
    return {
        "symbol": signal.symbol,
        "direction": signal.direction,
        "close_time": signal.close_time,
        "entry_price": signal.entry_price,
        "outcome": None if end is None else end.outcome.value,
        "net_pct": None if end is None else pct(end.net_return),
    }


def _notes(one: StrategySet, rows: Sequence[Previewed], skipped: Sequence[str]) -> list[str]:
    """Return what a reader has to know of the numbers."""
    found = [
        "hindsight: these parameters were chosen after the week was known",
        f"settled on {FILLS} bars: a target and the stop in one of them counts as the stop",
        "net of fees and slippage; funding is not stored with these bars",
    ]
    lacking = sum(row.not_warm for row in rows)
    if lacking or not any(row.closes for row in rows):
        needs = one.loaded.strategy.warm_up.items()
        bars = ", ".join(f"{count} × {name}" for name, count in needs)
        found.append(
            f"it needs {bars or 'bars'}, and fewer are stored: `signalengine backtest` shows it on "
            "recorded data"
        )
    if skipped:
        found.append(f"{len(skipped)} symbols were left out: at most {MOST_SYMBOLS} in one preview")
    return found
