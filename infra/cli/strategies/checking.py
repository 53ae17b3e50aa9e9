"""`signalengine strategy check`: the laws on one strategy, with a bar of progress."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from signalengine.strategy.loading import load_text
from signalengine.strategy.sets import set_of
from signalengine_aws.costs.model import GB_S_A_MS
from signalengine_aws.costs.prices import PRICES, Unit

from infra.cli.research.recordings import chosen, research_errors
from infra.cli.strategies.folder import file_of, parameters_of
from infra.errors import USAGE, CommandError
from research.strategies.check import LAWS, Checked, check
from research.strategies.markets import Market
from research.strategies.recordings import market_of, signals_of
from research.strategies.subject import Subject

SYMBOLS: Final = 20
"""For which the cost of a month is stated."""


def checked(name: str, source: Path | None, symbols: str, sets: Sequence[str]) -> dict[str, Any]:
    """Try the laws; returns the document of the command. Raises CommandError."""
    if name == "classic":
        raise CommandError("classic obeys the laws of the engine's own tests", "", USAGE)
    file = file_of(name)
    names = () if source is None else chosen(symbols, source)

    def recordings(subject: Subject) -> Iterator[Market]:
        for symbol in names:
            if source is not None:
                yield market_of(subject, source, symbol)

    text = file.read_text(encoding="utf-8-sig")
    with research_errors(), _progress() as progress:
        parameters = parameters_of(sets)
        found = check(text, file.name, parameters, recordings, progress)
        signals = {}
        if found.holds and source is not None:
            one = set_of(load_text(text, file.name), {"parameters": parameters})
            signals = {symbol: signals_of(one, source, symbol) for symbol in names}
    return document(found, file.name, signals)


Signals: TypeAlias = Mapping[str, tuple[int, float] | None]
"""By symbol: how many a backtest opens, and over how many days."""


def document(found: Checked, origin: str, signals: Signals | None = None) -> dict[str, Any]:
    """Return what was found, as JSON has it."""
    subject, counted = found.subject, signals or {}
    return {
        "strategy": origin.removesuffix(".py"),
        "digest": "" if subject is None else subject.set_digest,
        "holds": found.holds,
        "laws": list(found.tried),
        "failures": [
            {
                "law": one.law, "line": one.found.line, "text": one.found.text,
                "fix": one.found.fix, "warning": one.warning,
            }
            for one in found.failures
        ],
        "recorded": [
            {
                "symbol": one.symbol, "days": round(one.days, 2), "closes": one.closes,
                "entries": one.entries, "signals_a_day": _rate(counted.get(one.symbol)),
            }
            for one in found.recorded
        ],
        "cost": _cost(found),
    }  # fmt: skip


def _rate(counted: tuple[int, float] | None) -> float | None:
    return None if counted is None or not counted[1] else round(counted[0] / counted[1], 3)


def _cost(found: Checked) -> dict[str, Any] | None:
    cost = found.cost
    if cost is None:
        return None
    usd = SYMBOLS * cost.ms_a_month * GB_S_A_MS * PRICES[Unit.GB_S].each
    return {
        "us_a_bar": round(cost.us_a_bar, 2),
        "us_a_decision": round(cost.decision_us, 2),
        "numbers": cost.numbers,
        "symbols": SYMBOLS,
        "lambda_usd_a_month": round(usd, 6),
    }


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show which law is tried, on a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:12}"), BarColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("allow-list", total=len(LAWS))

        def began(law: str) -> None:
            bar.update(task, description=law, completed=LAWS.index(law))

        yield began
