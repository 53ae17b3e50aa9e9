"""One page about one or more runs: a single file that needs nothing else."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from signalengine import __version__

from machine.files import write
from research.reports import sections
from research.reports.markup import Html, joined, tag
from research.statistics.conclusion import Conclusion, conclude
from research.statistics.trades import RunLike

_STYLE: Final = Path(__file__).with_name("page.css")
_GUARD: Final = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser may fetch nothing and run nothing."""
_PARTS: Final = (
    ("conclusion", "What this shows"),
    ("numbers", "Numbers"),
    ("equity", "Equity"),
    ("outcomes", "Outcomes"),
    ("where", "Groups"),
    ("verdicts", "Verdicts"),
    ("examples", "Candles"),
    ("signals", "Every signal"),
    ("origin", "Data and policy"),
)


def write_report(
    path: Path | str,
    title: str,
    runs: Sequence[RunLike],
    *,
    found: Conclusion | None = None,
    signal_ids: Sequence[str] = (),
    trials: Sequence[float] | int = 1,
    seed: int = 0,
) -> Conclusion:
    """Write the report of runs of one policy and kind of market; returns its conclusion.

    `found`: a conclusion from these very runs, if there is one already; else `trials` and `seed`
    are passed to `conclude`. `signal_ids`: signals to chart instead of the best, worst and first.
    Raises StatisticsError for runs that do not belong together and for unknown ids, OSError when
    the file cannot be written; a file that is there is replaced as a whole.
    """
    known = found or conclude(runs, trials=trials, seed=seed)
    write(Path(path), report(title, runs, known, signal_ids))
    return known


def report(
    title: str, runs: Sequence[RunLike], found: Conclusion, signal_ids: Sequence[str] = ()
) -> str:
    """Return the page; the same runs give the same page to the byte."""
    versions = sorted({s.code_version for s in found.trades.signals}) or [__version__]
    body = joined(
        sections.head(title, found),
        tag("nav", *(tag("a", text, href=f"#{name}") for name, text in _PARTS), aria_label="Parts"),
        sections.conclusion(found),
        sections.numbers(found),
        sections.over_time(found),
        sections.outcomes(found),
        sections.where(found),
        sections.why_not(found),
        sections.examples(found, runs, signal_ids),
        sections.every_signal(found),
        sections.origin(found, runs, versions),
    )
    return document(title, body)


def document(title: str, body: Html) -> str:
    """Return a whole page of a body: one file that fetches and runs nothing."""
    return "<!doctype html>\n" + tag(
        "html", _head(title), tag("body", tag("main", body)), lang="en"
    )


def _head(title: str) -> Html:
    style = Html(_STYLE.read_text(encoding="utf-8"))  # our own file, not anybody's text
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_GUARD),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", style),
    )
