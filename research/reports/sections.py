"""The parts of the page, in their order."""

from collections.abc import Sequence
from typing import Final

from signalengine.signals import Signal
from signalengine.strategy.sets import StrategySet

from research.reports import candles, charts, endings, formatting, lists, timelines
from research.reports.markup import Child, Html, joined, tag
from research.statistics import tables
from research.statistics.conclusion import ALPHA, Conclusion
from research.statistics.errors import StatisticsError
from research.statistics.intervals import DRAWS
from research.statistics.significance import Null
from research.statistics.summary import Estimate
from research.statistics.trades import RunLike, Trades

_TESTS: Final = (
    "Shifted entries: all signals are moved by one common time, which breaks only the link between "
    "entry and outcome. Random entries: as many of each symbol and direction at random {}. "
    "Both use the policy's own exits and costs."
)
_STAKE: Final = (
    "The capital is divided equally among the symbols; each signal stakes its symbol's share of "
    "the starting capital. R is the distance from entry to stop."
)
_GROUPS: Final = (
    "Bars are 95 % intervals, the dashed line is the win rate of all signals; rows of fewer than "
    "30 signals are faint. Among so many rows some stand out by chance: one in twenty intervals "
    "misses the true value. A signal is counted under every event kind that supported it."
)
_CANDLES: Final = (
    "Hollow candles rise, filled ones fall. The shaded areas reach from the entry to TP and to SL "
    "while the signal was open. Dots are entry and exit."
)
_DAYS: Final = (
    "Days are UTC days of the entry. Days without a signal count; days without bars, and days "
    "before the engine was warm, do not."
)
EACH: Final = 2
"""Signals charted of the best, the worst and the first."""


def head(title: str, found: Conclusion) -> Html:
    """Title, statement, and the most important numbers."""
    s = found.summary
    coarse = [] if found.coarse is None else [f"coarse: settled by {found.coarse} bars"]
    span, market = "", formatting.MARKETS.get(s.market, "no signals")
    if s.start is not None and s.end is not None and s.days:
        days = "1 day" if s.days == 1 else f"{s.days} days"
        span = f"{formatting.moment(s.start)} to {formatting.moment(s.end)} UTC, {days} with bars"
    return tag(
        "header",
        tag("h1", title),
        tag("p", " · ".join((", ".join(s.symbols), market, span, *coarse)), class_="span"),
        tag(
            "p",
            found.statement,
            class_="statement " + ("edge" if found.edge else "none"),
            role="status",
        ),
        tag("div", *_tiles(found), class_="tiles"),
    )


def _tiles(found: Conclusion) -> list[Html]:
    s, shift = found.summary, found.shift
    p = formatting.NOTHING if shift is None else f"{shift.p_net:.2g}"
    return [
        _tile("closed signals", f"{s.n:,}", f"{s.still_open} still open"),
        _estimated("win rate", s.win_rate, lambda x: formatting.percent(x, 0)),
        _estimated("mean net, bps", s.mean_net, formatting.bps),
        _estimated("mean gross, bps", s.mean_gross, formatting.bps),
        _estimated("profit factor, net", s.profit_factor, formatting.ratio),
        _estimated("Sharpe, annual", s.sharpe, formatting.ratio),
        _tile(
            "maximum drawdown",
            formatting.value(s.max_drawdown, formatting.percent),
            "of the capital",
        ),
        _tile("p, entries shifted", p, f"an edge needs {ALPHA:g} or less"),
    ]


def _estimated(name: str, estimate: Estimate, shown: formatting.Shown) -> Html:
    below = estimate.reason or formatting.interval(estimate, shown) or "no interval"
    return _tile(name, formatting.value(estimate, shown), below)


def _tile(name: str, value: str, below: str) -> Html:
    return tag("div", tag("span", name), tag("b", value), tag("small", below), class_="tile")


def conclusion(found: Conclusion) -> Html:
    """The sentences, and the two tests in pictures."""
    tests = [test for test in (found.shift, found.random) if test is not None]
    return section(
        "conclusion",
        "What this shows",
        lists.listed(found.sentences[1:]),
        tag("div", *(_test(test) for test in tests), class_="grid"),
        note(_TESTS.format(_closes(found)), " ", _intervals(found)),
    )


def _closes(found: Conclusion) -> str:
    """Return at what entries may be."""
    one = found.policy
    return f"closes of {one.loaded.strategy.every}" if isinstance(one, StrategySet) else "minutes"


def _intervals(found: Conclusion) -> str:
    block = found.draws.block
    drawn = "whole days" if block == 1 else f"blocks of {block} days in a row"
    return f"Intervals: {DRAWS:,} bootstrap draws of {drawn}, seed {found.seed}."


def _test(test: Null) -> Html:
    caption = f"{test.method.capitalize()}: p = {test.p_net:.2g} ({len(test.net):,} draws)"
    return figure(caption, charts.null(test))


def numbers(found: Conclusion) -> Html:
    return section(
        "numbers",
        "The numbers",
        lists.sides(found),
        lists.singles(found),
        note(_STAKE),
    )


def over_time(found: Conclusion) -> Html:
    trades = found.trades
    return section(
        "equity",
        "Equity and drawdown",
        figure(
            "Return on the capital after each "
            + ("closing" if trades.marks is None else "day, open signals marked to the market"),
            joined(*(timelines.equity(trades, w) for w in (timelines.WIDE, timelines.NARROW))),
            "full",
        ),
        figure(
            "Drawdown, net",
            joined(*(timelines.drawdown(trades, w) for w in (timelines.WIDE, timelines.NARROW))),
            "full",
        ),
    )


def outcomes(found: Conclusion) -> Html:
    trades, draws = found.trades, found.draws
    by_score, unit = tables.by_score(trades, draws), charts.held_in(trades)[0]
    return section(
        "outcomes",
        "How signals ended",
        tag(
            "div",
            figure("Net return of a signal; the line is the mean", charts.returns(trades)),
            figure(f"{unit.capitalize()} from entry to end", charts.lives(trades)),
            figure("Maximum favourable and adverse excursion, in R", charts.excursions(trades)),
            figure(
                "Does a higher score win more often?",
                charts.calibration(by_score, found.summary.win_rate),
            ),
            class_="grid",
        ),
        endings.tables(trades),
        more("Numbers by score", lists.groups(by_score, "By score")),
    )


def where(found: Conclusion) -> Html:
    """By symbol, event kind, direction and hour."""
    trades, draws, rate = found.trades, found.draws, found.summary.win_rate
    parts = (
        ("By symbol", tables.by_symbol(trades, draws), ""),
        ("By hour of the entry, UTC", tables.by_hour(trades, draws), "tall"),
        ("By event kind", tables.by_event_kind(trades, draws), ""),
        ("By direction", tables.by_direction(trades, draws), ""),
    )
    return section(
        "where",
        "Results by group",
        note(_GROUPS),
        tag(
            "div",
            *(figure(t, charts.forest(rows, rate, t), name) for t, rows, name in parts),
            class_="grid",
        ),
        more("Numbers by group", *(lists.groups(rows, title) for title, rows, _ in parts)),
    )


def why_not(found: Conclusion) -> Html:
    return section(
        "verdicts",
        "Verdicts",
        tag("p", f"Every close {_what(found)} is scored once and has one verdict."),
        lists.verdicts(found.verdicts),
    )


def _what(found: Conclusion) -> str:
    own = isinstance(found.policy, StrategySet)
    return "at which the strategy would enter" if own else "with an event"


def chosen(trades: Trades, ids: Sequence[str]) -> list[tuple[str, Signal]]:
    """Return the signals to chart with the reason: the requested ones, or some of each end.

    Raises StatisticsError for an id that no closed signal has.
    """
    if ids:
        known = {signal.signal_id: signal for signal in trades.signals}
        lost = [i for i in ids if i not in known]
        if lost:
            raise StatisticsError(f"no closed signal has the id {lost[0]}.")
        return [("chosen", known[i]) for i in ids]
    by_net = sorted(trades.signals, key=lambda s: -_net(s))
    first = sorted(trades.signals, key=lambda s: (s.close_time, s.symbol))
    picked: dict[str, tuple[str, Signal]] = {}
    for why, some in (("best", by_net), ("worst", by_net[::-1]), ("first", first)):
        fresh = [signal for signal in some if signal.signal_id not in picked][:EACH]
        picked |= {signal.signal_id: (why, signal) for signal in fresh}
    return list(picked.values())


def examples(found: Conclusion, runs: Sequence[RunLike], ids: Sequence[str]) -> Html:
    by_symbol = {run.symbol: run for run in runs}
    return section(
        "examples",
        "Signals and their candles",
        note(_CANDLES),
        tag(
            "div",
            *(_example(why, signal, by_symbol) for why, signal in chosen(found.trades, ids)),
            class_="grid",
        ),
    )


def _example(why: str, signal: Signal, runs: dict[str, RunLike]) -> Html:
    end = signal.settlement
    result = "open" if end is None else f"{formatting.outcome(end)} {_signed(signal)} net"
    parts = "" if end is None else formatting.fills(end)
    caption = tag(
        "span",
        tag("b", f"{signal.symbol} {signal.direction} · {result}"),
        f" · {why}",
        tag("small", f"{formatting.moment(signal.close_time)} UTC · score {signal.score:.2f}"),
        *([tag("small", parts)] if parts else []),
        tag("small", _parts(signal)),
        tag("small", _events(signal)),
        tag("small", f"id {signal.signal_id}"),
    )
    return figure(caption, candles.chart(runs[signal.symbol], signal))


def _parts(signal: Signal) -> str:
    known = [f"{name} {x:.2f}" for name, x in signal.components.items() if x is not None]
    missing = f"; no data: {', '.join(signal.missing)}" if signal.missing else ""
    return ", ".join(known) + missing


def _events(signal: Signal) -> str:
    kinds = [f"{e.kind.replace('_', ' ')} {e.interval} {e.direction}" for e in signal.events]
    return f"events: {', '.join(kinds)}" if kinds else "no event at this close"


def _net(signal: Signal) -> int:
    return 0 if signal.settlement is None else signal.settlement.net_return


def _signed(signal: Signal) -> str:
    return formatting.stored_percent(_net(signal))


def every_signal(found: Conclusion) -> Html:
    return section(
        "signals",
        "Every signal",
        tag("p", "Expired and losing signals are included here and in every number above."),
        more(f"Show {len(found.trades):,} closed signals", lists.signals(found.trades)),
    )


def origin(found: Conclusion, runs: Sequence[RunLike], versions: Sequence[str]) -> Html:
    s = found.summary
    profiles = [f"{n} signals lacked {names or 'nothing'}" for names, n in s.profiles]
    sentences = (
        f"Code version {', '.join(versions)}; policy digest {found.policy.digest}.",
        f"Components without data: {'; '.join(profiles) or 'no signals'}.",
        f"In {s.ambiguous} outcomes TP and SL were reached in one bar: they count as SL.",
        f"{s.forced} outcomes were expired by force, because their bars never arrived.",
        _DAYS,
    )
    return section(
        "origin",
        "Data and policy",
        lists.data(runs, found),
        lists.policy(found.policy),
        lists.listed(sentences),
    )


def note(*children: Child) -> Html:
    return tag("p", *children, class_="note")


def section(name: str, title: str, *children: Child) -> Html:
    return tag("section", tag("h2", title, id=name), *children)


def figure(caption: Child, picture: Html, name: str = "") -> Html:
    return tag("figure", tag("figcaption", caption), picture, class_=name or None)


def more(title: str, *children: Child) -> Html:
    return tag("details", tag("summary", title), *children)
