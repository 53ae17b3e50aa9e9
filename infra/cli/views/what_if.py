"""Past signals under other rules, as `what-if` prints them."""

from collections.abc import Mapping
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text
from signalengine.stats.performance import pct
from signalengine.stats.ratios import MIN_SIGNALS, wilson

from .page import Page
from .quoted import NONE, gain, market_badge, policy_words, score
from .tables import Cell, Column, fitted, nothing, number

REASONS: Final = {
    "below_threshold": "below the score",
    "no_atr": "left out: levels not in ATRs",
    "own_exits": "left out: several targets, or a stop that moves",
    "out_of_range": "left out: a level on the wrong side of the entry",
    "no_bars": "left out: bars expired (35 days), or not deciding",
    "not_by_bars": "left out: the stored outcome is none of the bars",
    "too_young": "left out: too young, the life under the rules is not over",
}
RULES: Final = {
    "tp_atr": "TP {:g} ATR",
    "sl_atr": "SL {:g} ATR",
    "ttl_minutes": "expiry {} min",
    "threshold": "score from {:g}",
}


def what_if(document: Mapping[str, Any], page: Page) -> RenderableType:
    """Render both outcomes of the same signals, and why others are left out."""
    head = Text.assemble(
        market_badge(document["market"]),
        ("hindsight", "bold yellow"),
        f"  {rules(document['rules'])}",
        (f"  policy {policy_words(document)}", "dim"),
    )
    counted = document["published"]["n"]
    parts: list[RenderableType] = [head, Text()]
    parts.append(_table(document, page) if counted else nothing("no signal was settled again"))
    return Group(*parts, Text(), _notes(document))


def rules(given: Mapping[str, Any]) -> str:
    """Return the rules that were given: `TP 3 ATR, SL 1 ATR`."""
    words = [form.format(given[name]) for name, form in RULES.items() if given[name] is not None]
    return ", ".join(words) or "the published rules"


def _table(document: Mapping[str, Any], page: Page) -> RenderableType:
    columns = [
        Column("rules"), number("n"), number("won"), number("95%", 2), number("average net"),
        number("sum net"), number("TP", 1), number("SL", 1), number("expired", 1),
        number("ambiguous", 3),
    ]  # fmt: skip
    rows = [("as published", document["published"]), ("what if", document["what_if"])]
    return fitted(columns, [_row(name, sums) for name, sums in rows], page.width)


def _row(name: str, sums: Mapping[str, int]) -> list[Cell]:
    n, wins = sums["n"], sums["wins"]
    low, high = wilson(wins, n)
    mean = pct(sums["net_sum"]) / n if n else None
    return [
        name, str(n), score(wins / n) if n else NONE,
        f"{score(low)} to {score(high)}" if n else NONE, gain(mean),
        gain(pct(sums["net_sum"])) if n else NONE, str(sums["tp_hits"]), str(sums["sl_hits"]),
        str(sums["expired"] + sums["left"]), str(sums["ambiguous"]),
    ]  # fmt: skip


def _notes(document: Mapping[str, Any]) -> RenderableType:
    left = document["left_out"]
    shown = [f"{left[name]} {words}" for name, words in REASONS.items() if left[name]]
    if document["rules"]["threshold"] is not None and not left["below_threshold"]:
        shown.append("no signal is below the score: what was not published is unknown")
    if document["cursor"] is not None:
        shown.append(f"only the newest {document['count']}: more with --limit")
    if document["what_if"]["n"] < MIN_SIGNALS:
        shown.append("fewer than 30 signals prove nothing")
    shown.append("what would have opened instead is not known, and looking often proves nothing")
    return Text("\n".join(f"· {note}" for note in shown), style="dim")
