"""The tables of the page: numbers, groups, verdicts, data, policy, every signal."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

import numpy as np
from signalengine.params import WEIGHTS
from signalengine.policy import Policy
from signalengine.signals import COMPONENTS, Signal, Verdict
from signalengine.strategy.parameter_set import ParameterSet
from signalengine.strategy.sets import StrategySet

from research.data.tick_sizes import remark
from research.reports import formatting
from research.reports.formatting import Shown
from research.reports.markup import Child, Html, joined, tag
from research.statistics.conclusion import Conclusion
from research.statistics.entries import span_of
from research.statistics.summary import Estimate
from research.statistics.tables import Row
from research.statistics.trades import RunLike, Trades

MOST_SIGNALS: Final = 2_000
"""Rows of the list of signals; the newest are shown, and the caption gives the total."""
_SIDES: Final = (
    ("Mean return, bps a signal", "mean_net", "mean_gross", formatting.bps),
    ("Median return, bps a signal", "median_net", "median_gross", formatting.bps),
    ("Expectancy, R a signal", "expectancy_r", "expectancy_r_gross", formatting.ratio),
    ("Profit factor", "profit_factor", "profit_factor_gross", formatting.ratio),
)
Line: TypeAlias = tuple[str, str, Shown]
_SIGNALS: Final[tuple[Line, ...]] = (
    ("Win rate (net above zero)", "win_rate", lambda x: formatting.percent(x, 1)),
    ("TP hit", "tp_rate", lambda x: formatting.percent(x, 1)),
    ("SL hit", "sl_rate", lambda x: formatting.percent(x, 1)),
    ("Expired", "expired_rate", lambda x: formatting.percent(x, 1)),
    ("Best, net", "best_net", formatting.percent),
    ("Worst, net", "worst_net", formatting.percent),
    ("Fees and slippage, bps", "mean_cost", lambda x: f"{x * 1e4:.1f}"),
    ("Funding paid, bps", "mean_funding", lambda x: formatting.minus(f"{x * 1e4:.2f}")),
    ("Detectable edge, bps", "visible_edge", lambda x: f"{x * 1e4:.1f}"),
)
_TIME: Final[tuple[Line, ...]] = (
    ("Return on the capital", "total_return", lambda x: formatting.percent(x, signed=True)),
    ("Maximum drawdown", "max_drawdown", formatting.percent),
    ("Sharpe, annual", "sharpe", formatting.ratio),
    ("Sortino, annual", "sortino", formatting.ratio),
    ("Calmar", "calmar", formatting.ratio),
    ("Time with a signal open", "exposure", lambda x: formatting.percent(x, 1)),
    ("Signals a day and symbol", "signals_a_day", formatting.ratio),
)


def table(
    heads: Sequence[str], rows: Iterable[Sequence[Child]], caption: str, name: str = ""
) -> Html:
    """Return a table that scrolls by itself where it is too wide; the first column names."""
    body = (
        tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:]))
        for row in rows
    )
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption),
            tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads))),
            tag("tbody", *body),
            class_=name or None,
        ),
        class_="scroll", tabindex=0, role="region", aria_label=caption,
    )  # fmt: skip


def sides(found: Conclusion) -> Html:
    """Net and gross, side by side."""
    rows: list[tuple[Child, ...]] = []
    for title, net, gross, shown in _SIDES:
        mine, before = getattr(found.summary, net), getattr(found.summary, gross)
        rows.append((title, *_cells(mine, shown), *_cells(before, shown), f"{mine.n:,}"))
    heads = ("", "net", "95 % interval", "gross", "95 % interval", "N")
    return table(heads, rows, "Net and gross of costs")


def singles(found: Conclusion) -> Html:
    """Single values: of signals, and of days."""
    summary = found.summary
    rows = [_line(title, getattr(summary, name), shown) for title, name, shown in _SIGNALS]
    days = [_line(title, getattr(summary, name), shown) for title, name, shown in _TIME]
    title = "P(true Sharpe > 0)" + (f", {found.tried} tried" if found.tried > 1 else "")
    of_days = {"Sharpe, annual", "Sortino, annual", "Calmar", title}
    days.append(_line(title, found.deflated, lambda x: f"{x * 100:.2g} %"))
    days = [(*row[:3], f"{row[3]} d" if row[0] in of_days else row[3]) for row in days]
    heads = ("", "value", "95 % interval", "N")
    return tag(
        "div",
        table(heads, rows, "Signals"),
        table(heads, days, "Capital and time (N d: days)"),
        class_="grid",
    )


def _line(title: str, estimate: Estimate, shown: Shown) -> tuple[Child, ...]:
    return (title, *_cells(estimate, shown), f"{estimate.n:,}")


def groups(rows: Sequence[Row], caption: str) -> Html:
    """The numbers behind a picture of groups."""
    cells = [
        (
            row.label.replace("_", " "), row.n, row.tp_hits,
            *_cells(row.win_rate, _share), *_cells(row.mean_net, formatting.bps),
            formatting.value(row.mean_gross, formatting.bps),
        )
        for row in rows
    ]  # fmt: skip
    heads = ("", "N", "TP", "win rate", "95 %", "net, bps", "95 %", "gross, bps")
    return table(heads, cells, caption)


def verdicts(counts: dict[str, int]) -> Html:
    """Every scored close by its verdict, the most frequent first."""
    total = sum(counts.values())
    most = max(counts.values(), default=1)
    rows: list[tuple[Child, ...]] = []
    for name, count in sorted(counts.items(), key=lambda item: -item[1]):
        bar = tag("span", class_="bar", style=f"width:{count / most * 100:.1f}%")
        why = formatting.VERDICTS[Verdict(name)]
        share = formatting.percent(count / total, 1)
        rows.append((name.replace("_", " "), f"{count:,}", share, tag("div", bar), why))
    heads = ("verdict", "closes", "share", "", "because")
    return table(heads, rows, f"{total:,} scored closes by verdict", "verdicts")


def data(runs: Sequence[RunLike], found: Conclusion) -> Html:
    """What was read, from when the engine was warm, and what had to be repaired."""
    counts = dict.fromkeys(found.trades.symbols, 0)
    for signal in found.trades.signals:
        counts[signal.symbol] += 1
    rows: list[tuple[Child, ...]] = []
    for run in sorted(runs, key=lambda r: r.symbol):
        span, opens, length = span_of(run), run.feed.settling[:, 0], run.feed.length_ms
        first = formatting.moment(int(opens[0])) if len(opens) else formatting.NOTHING
        last = formatting.moment(int(opens[-1]) + length) if len(opens) else formatting.NOTHING
        warm = formatting.moment(span.start) if span.end else "never"
        rows.append(
            (run.symbol, first, last, warm, f"{len(opens):,}", counts[run.symbol], _remarks(run))
        )
    bars = f"{found.coarse or '1m'} bars"
    heads = ("symbol", "from (UTC)", "to", "warm from", bars, "closed signals", "remarks")
    return table(heads, rows, "Data")


def _remarks(run: RunLike) -> str:
    """Repairs, holes, and what was not known."""
    notes = [str(repair) for repair in run.table.repairs] if run.table is not None else []
    holes = int((np.diff(run.feed.settling[:, 0]) != run.feed.length_ms).sum())
    if holes and run.table is None:
        notes.append(f"{holes} gaps between bars")
    if np.isnan(run.feed.funding_paid).all():
        notes.append("no funding rates: these returns do not include funding")
    if not notes:
        notes.append("no repairs")
    if run.feed.coarse is not None:
        notes.append(f"coarse: settled by {run.feed.coarse} bars")
    tick = remark(run.table, run.feed.tick)
    return "; ".join(notes if tick is None else [*notes, tick])


def policy(rules: ParameterSet) -> Html:
    """What decided."""
    if isinstance(rules, StrategySet):
        return _strategy(rules)
    assert isinstance(rules, Policy)  # noqa: S101 - there are these two
    weights = rules.numbers[WEIGHTS : WEIGHTS + len(COMPONENTS)]
    rows: list[tuple[Child, ...]] = [
        ("threshold", f"{rules.threshold:g}"),
        ("coverage", f"{rules.coverage:g} of the weights"),
        ("cooldown", f"{rules.cooldown_ms // 1000} s; same direction {rules.rearm_ms // 1000} s"),
        ("TP, SL", f"{rules.tp_atr:g} and {rules.sl_atr:g} × ATR {rules.atr_interval}"),
        ("time limit", f"{rules.ttl_ms // 60_000} min"),
        ("fee, slippage", f"{rules.fee_bps:g} and {rules.slippage_bps:g} bps a side"),
        ("cost gate", f"TP at least {rules.cost_gate:g} × the costs away"),
        ("warm-up", f"{rules.warm_bars} bars of each interval"),
        (
            "weights",
            ", ".join(f"{n} {w:g}" for n, w in zip(COMPONENTS, weights, strict=True)),
        ),
    ]
    return table(("", "value"), rows, f"Policy {rules.name}, digest {rules.digest}", "plain")


def _strategy(rules: StrategySet) -> Html:
    strategy = rules.loaded.strategy
    chosen = zip(strategy.parameters.declared, rules.parameters, strict=True)
    rows: list[tuple[Child, ...]] = [
        *((one.name, f"{x:g}") for one, x in chosen),
        ("decides", f"at closes of {strategy.every}"),
        ("time limit", formatting.duration(rules.ttl_ms)),
        ("fee, slippage", f"{rules.fee_bps:g} and {rules.slippage_bps:g} bps a side"),
        ("cost gate", f"first target at least {rules.cost_gate:g} × the costs away"),
        ("warm-up", ", ".join(f"{n} bars of {name}" for name, n in strategy.warm_up.items())),
        ("open signals", "one a symbol" if rules.one_open else "any number"),
    ]
    caption = f"Strategy {rules.key}, version {strategy.version}, digest {rules.digest}"
    return table(("", "value"), rows, caption, "plain")


def signals(trades: Trades) -> Html:
    """Every closed signal, the newest first."""
    ordered = sorted(trades.signals, key=lambda s: (-s.close_time, s.symbol))[:MOST_SIGNALS]
    caption = f"All {len(trades)} closed signals, newest first"
    if len(trades) > len(ordered):
        caption = f"The newest {len(ordered):,} of {len(trades):,} closed signals"
    heads = (
        "entry (UTC)", "symbol", "direction", "score", "entry", "outcome", "held",
        "gross, %", "net, %", "id",
    )  # fmt: skip
    return table(heads, (_signal(s) for s in ordered), caption, "signals")


def _signal(signal: Signal) -> tuple[Child, ...]:
    end = signal.settlement
    if end is None:
        return (formatting.moment(signal.close_time), signal.symbol, signal.direction)
    return (
        formatting.moment(signal.close_time),
        signal.symbol,
        signal.direction,
        f"{signal.score:.2f}",
        formatting.price(signal.entry_price),
        formatting.outcome(end),
        formatting.duration(end.closed_at - signal.close_time),
        formatting.stored_percent(end.gross_return).removesuffix(" %"),
        formatting.stored_percent(end.net_return).removesuffix(" %"),
        tag("code", signal.signal_id),
    )


def _cells(estimate: Estimate, shown: Shown) -> tuple[Child, Child]:
    """Value and interval; where there is no value, why."""
    if estimate.value is None:
        return formatting.NOTHING, tag("span", estimate.reason, class_="why")
    return tag("b", shown(estimate.value)), formatting.interval(estimate, shown)


def _share(fraction: float) -> str:
    return formatting.percent(fraction, 0)


def listed(items: Iterable[Child]) -> Html:
    """Return a list of sentences."""
    return tag("ul", joined(*(tag("li", item) for item in items)))
