"""The page of an examination: verdict, spans, groups, and what was registered."""

from pathlib import Path
from typing import Final

from machine.files import write
from research.data.times import day_of, moment
from research.evidence.groups import by_period, by_volume, by_year
from research.evidence.phases import Phase, coarse_note
from research.evidence.protocol import Evidence
from research.evidence.verdict import Condition
from research.reports import charts, formatting, lists, timelines
from research.reports.markup import Child, Html, joined, tag
from research.reports.page import document
from research.reports.sections import figure, more, note, section
from research.statistics.summary import Estimate
from research.statistics.tables import by_direction, by_symbol

_PARTS: Final = (
    ("verdict", "Verdict"),
    ("spans", "Spans"),
    ("equity", "Equity"),
    ("where", "Groups"),
    ("looks", "Looks"),
    ("registered", "Registered"),
)
_SPANS: Final = (
    "Each span warms up on the bars before it. Signals that were opened so late that they could "
    "end after the span are left out. Intervals are 95 %. p shifted: how often all entries, moved "
    "by one common time, do as well with the same exits, and what they make on average; random: "
    "what the exits make of entries at random times."
)
_EQUITY: Final = (
    "The spans that were measured, one after the other; a dotted line is where days without bars "
    "are cut out."
)
_GROUPS: Final = (
    "All measured spans together; among so many rows some stand out by chance. A signal that could "
    "reach into the next period is in none. Rank of volume: by quote volume over the 30 days "
    "before the entry's day, among the symbols here."
)


def write_evidence(path: Path, found: Evidence) -> None:
    """Write the page; raises OSError. A file that is there is replaced as a whole."""
    write(path, evidence_page(found))


def evidence_page(found: Evidence) -> str:
    """Return the page; the same evidence gives the same page to the byte."""
    title = f"Evidence of {found.registration.strategy}"
    return document(
        title,
        joined(
            _head(title, found),
            tag("nav", *(tag("a", text, href=f"#{name}") for name, text in _PARTS),
                aria_label="Parts"),
            _verdict(found),
            _spans(found),
            _equity(found),
            _where(found),
            _looks(found),
            _registered(found),
        ),
    )  # fmt: skip


def _head(title: str, found: Evidence) -> Html:
    symbols = found.registration.symbols
    names = ", ".join(symbols) if len(symbols) <= 8 else f"{len(symbols)} symbols"
    bars = found.registration.bars
    coarse = [f"coarse: settled by {bars} bars"] if coarse_note(bars) else []
    kind = "edge" if found.found.verdict == "shown" else "none"
    return tag(
        "header",
        tag("h1", title),
        tag("p", " · ".join((names, *coarse)), class_="span"),
        tag("p", f"Hypothesis: {found.registration.hypothesis}", class_="span"),
        tag("p", found.statement, class_=f"statement {kind}", role="status"),
    )


def _verdict(found: Evidence) -> Html:
    parts: list[Child] = []
    valid = () if found.final is None else found.found.validity.conditions
    for text, conditions in (
        ("An edge is shown when all of this holds:", found.found.shown),
        ("Else it is suggestive when all of this holds:", found.found.suggestive),
        ("Either can be claimed when all of this holds:", valid),
    ):
        if conditions:
            parts += [tag("p", text), lists.listed(map(_condition, conditions))]
    return section("verdict", "Verdict", *parts, tag("p", found.power))


def _condition(one: Condition) -> str:
    return f"{'yes' if one.holds else 'no'}: {one.text}"


def _spans(found: Evidence) -> Html:
    tries = "1 parameter set was" if found.tried == 1 else f"{found.tried} parameter sets were"
    net = ("span", "from (UTC)", "to", "N", "purged", "net, bps", "95 %", "at 2 × costs")
    others = (
        "span", "gross, bps", "p shifted", "shifted, bps", "random, bps", "Sharpe", "drawdown",
        "deflated",
    )  # fmt: skip
    tests = [
        figure(f"{phase.name.capitalize()}: {test.method}, p = {test.p_net:.2g}", charts.null(test))
        for phase in found.phases
        for test in (phase.found.shift, phase.found.random)
        if test is not None
    ]
    return section(
        "spans",
        "Design, validation and final span",
        lists.table(net, map(_net, found.phases), "Mean net return of a signal"),
        lists.table(others, map(_compared, found.phases), f"Compared; {tries} tried"),
        note(" ".join((_SPANS, *coarse_note(found.registration.bars)))),
        _forward(found),
        more("The draws of the tests", tag("div", *tests, class_="grid")),
    )


def _net(phase: Phase) -> tuple[Child, ...]:
    mean = phase.mean_net
    return (
        phase.name,
        day_of(phase.start),
        day_of(phase.end),
        len(phase.trades),
        phase.purged,
        formatting.value(mean, formatting.bps),
        formatting.interval(mean, formatting.bps),
        formatting.value(phase.double_costs, formatting.bps),
    )


def _compared(phase: Phase) -> tuple[Child, ...]:
    s, shift, random = phase.found.summary, phase.found.shift, phase.found.random
    nothing = formatting.NOTHING
    return (
        phase.name,
        formatting.value(s.mean_gross, formatting.bps),
        nothing if shift is None else f"{shift.p_net:.2g}",
        nothing if shift is None else formatting.bps(float(shift.net.mean())),
        nothing if random is None else formatting.bps(float(random.net.mean())),
        formatting.value(s.sharpe, formatting.ratio),
        formatting.value(s.max_drawdown, formatting.percent),
        formatting.value(phase.found.deflated, formatting.ratio),
    )


def _forward(found: Evidence) -> Html:
    if not found.steps:
        return note("No sweep of several periods before the final span: nothing to walk forward.")
    rows = [
        (day_of(s.start), s.changes, _points(s.past_bps), s.closed, _points(s.net_bps),
         s.default_closed, _points(s.default_bps))
        for s in found.steps
    ]  # fmt: skip
    heads = ("period", "best before it", "past bps", "N", "net bps", "registered N", "net bps")
    caption = "Sweeps walked forward: the best set of the past, on the period after it"
    return lists.table(heads, rows, caption)


def _points(value: float) -> str:
    return formatting.NOTHING if value != value else formatting.minus(f"{value:+.1f}")


def _equity(found: Evidence) -> Html:
    widths = (timelines.WIDE, timelines.NARROW)
    trades = found.trades
    return section(
        "equity",
        "Equity and drawdown",
        figure(
            "Return on the capital", joined(*(timelines.equity(trades, w) for w in widths)), "full"
        ),
        figure("Drawdown, net", joined(*(timelines.drawdown(trades, w) for w in widths)), "full"),
        note(_EQUITY),
    )


def _where(found: Evidence) -> Html:
    trades, draws = found.trades, found.draws
    won = sum(int((phase.trades.net > 0).sum()) for phase in found.phases)
    rate = Estimate(won / len(trades) if len(trades) else None, len(trades))
    first, last = found.phases[0].start, found.phases[-1].end
    parts = (
        ("By period", by_period(trades, draws, first, last)),
        ("By year", by_year(trades, draws)),
        ("By symbol", by_symbol(trades, draws)),
        ("By direction", by_direction(trades, draws)),
        ("By rank of volume", by_volume(trades, draws, found.tables)),
    )
    return section(
        "where",
        "Results by group",
        note(_GROUPS),
        tag("div", *(figure(t, charts.forest(rows, rate, t)) for t, rows in parts), class_="grid"),
        more("Numbers by group", *(lists.groups(rows, title) for title, rows in parts)),
    )


def _looks(found: Evidence) -> Html:
    head = f"This examination is entry {found.look.number} of the file of looks; its head is "
    remarks = found.remarks or ("The file of looks is whole.",)
    spent = [one for one in found.looks if one.kind == "final"]
    rows: list[tuple[Child, ...]] = [
        (f"{moment(one.at)} UTC", one.strategy, tag("code", one.parameter_set),
         f"{day_of(one.start)} to {day_of(one.end)}")
        for one in spent
    ]  # fmt: skip
    heads = ("looked at", "strategy", "parameter set", "final span (UTC)")
    return section(
        "looks",
        "Looks at this data",
        lists.listed(remarks),
        *([lists.table(heads, rows, "Looks at final spans of this data", "plain")] if rows else ()),
        tag("p", head, tag("code", found.look.digest), "."),
    )


def _registered(found: Evidence) -> Html:
    one = found.registration
    rows: list[tuple[Child, ...]] = [
        ("hypothesis", one.hypothesis),
        ("edge expected", f"{one.edge_bps:g} bps a signal, net"),
        ("registered", f"{moment(one.at)} UTC"),
        ("parameter set", tag("code", one.parameter_set)),
        ("symbols", ", ".join(one.symbols)),
        ("bars", one.bars),
        ("digest of the registration", tag("code", one.digest)),
        ("head when it was registered", tag("code", one.head)),
    ]
    return section(
        "registered",
        "What was registered",
        lists.table(("", "value"), rows, "Before anything was measured", "plain"),
        lists.policy(found.one),
    )
