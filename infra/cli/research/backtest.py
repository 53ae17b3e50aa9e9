"""`signalengine backtest`: runs the engine over a recording, and prints or writes a report."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table
from signalengine.intervals import DAY_MS
from signalengine.policy import CLASSIC, Policy
from signalengine.signals import RETURN_SCALE
from signalengine.strategy.sets import StrategySet, set_of

from infra.cli.outputs import checked_output, console_beside
from infra.cli.policy_files import model_of, policy_of
from infra.cli.research.recordings import chosen_bars, research_errors
from infra.cli.strategies.folder import chosen_set, strategy_of
from infra.errors import USAGE, CommandError
from infra.local.settings.policy import policy_of_environment
from research.backtest.coarse import usable
from research.backtest.market import simulate_market
from research.backtest.result import Run
from research.backtest.strategy_run import StrategyRun, simulate_set_market
from research.data.bars import BarTable
from research.data.listings.history import listings_of
from research.data.listings.survivorship import survivorship
from research.data.loader import load_each
from research.data.tick_sizes import remark
from research.reports.document import document_file, write_document
from research.reports.page import write_report
from research.statistics.conclusion import Conclusion, conclude, named

FEW_SYMBOLS = 3


@dataclass(frozen=True, slots=True)
class BacktestOptions:
    """The options of a backtest."""

    source: Path
    symbols: str = ""
    start: str | None = None
    end: str | None = None
    threshold: float | None = None
    policy_file: Path | None = None
    model_file: Path | None = None
    tried: int = 1
    report: Path | None = None
    as_json: bool = False
    strategy: str | None = None
    sets: Sequence[str] = ()
    """Parameters of the strategy, `days=10` each."""


def run_backtest(options: BacktestOptions, console: Console | None = None) -> None:
    """Run, conclude, print, and write the report if requested."""
    report = checked_output("--report", options.report)
    out = console or console_beside(report)
    with research_errors():
        runs = _runs(options)
        found = conclude(runs, trials=options.tried)
    if options.as_json:
        out.print_json(json.dumps(found.to_dict() | {"data": repairs(runs)}))
    else:
        out.print(_table(runs))
        for symbol, notes in repairs(runs).items():
            out.print(f"· data of {symbol}: {'; '.join(notes)}", highlight=False)
        ticks = {remark(run.table, run.feed.tick) for run in runs}
        for note in sorted(note for note in ticks if note is not None):
            out.print(f"· {note}", highlight=False)
        for sentence in (*found.sentences, *_missing(options.source, runs)):
            out.print(f"· {sentence}", highlight=False)
    if report is not None:
        aside = Console(stderr=True) if options.as_json else out  # stdout is the document alone
        for path in _write(report, runs, found):
            aside.print(f"report: {path}", highlight=False, soft_wrap=True)


def _runs(options: BacktestOptions) -> Sequence[Run | StrategyRun]:
    one = _strategy(options)
    if one is not None:
        return simulate_set_market(_tables(options, one), one, start=options.start)
    policy = _policy(options)
    model = None if options.model_file is None else model_of(options.model_file)
    return simulate_market(_tables(options), policy, start=options.start, model=model)


def _tables(options: BacktestOptions, one: StrategySet | None = None) -> Iterator[BarTable]:
    names, interval = chosen_bars(options.symbols, options.source, usable(one))
    aside = Console(stderr=True)
    each = track(names, description="backtesting", console=aside, disable=options.as_json)
    return load_each(options.source, each, end=options.end, interval=interval)


def _strategy(options: BacktestOptions) -> StrategySet | None:
    """Return the parameter set of a strategy; None for the policy of `classic`."""
    one = chosen_set(options.strategy, options.sets, options.policy_file)
    taken = {"--model": options.model_file, "--threshold": options.threshold}
    for name, value in taken.items():
        if one is not None and value is not None:
            raise CommandError(f"{name} is of {CLASSIC}, not of {one.strategy}", "", USAGE)
    return one


def _missing(source: Path, runs: Sequence[Run | StrategyRun]) -> Iterator[str]:
    """Yield what a comparison of symbols lacks of those that traded when it began."""
    compared = [
        run.table
        for run in runs
        if isinstance(run, StrategyRun)
        and run.policy.loaded.strategy.compares
        and run.table is not None
    ]
    if compared:
        start = min(table.start for table in compared)
        here = {table.symbol for table in compared if table.start < start + DAY_MS}
        folder = source if source.is_dir() else source.parent
        yield survivorship(listings_of(folder), here, start)


def repairs(runs: Sequence[Run | StrategyRun]) -> dict[str, list[str]]:
    """Return the findings in each symbol's data, repaired or not (docs/data.md)."""
    research_errors = {
        run.symbol: [] if run.table is None else list(map(str, run.table.repairs)) for run in runs
    }
    return {symbol: notes for symbol, notes in research_errors.items() if notes}


def _policy(options: BacktestOptions) -> Policy:
    if options.policy_file is not None and options.threshold is not None:
        raise CommandError("give --threshold or --policy, not both: a policy has its own")
    if options.threshold is not None:
        return policy_of_environment(os.environ, threshold=options.threshold)
    return policy_of(options.policy_file)


def _write(path: Path, runs: Sequence[Run | StrategyRun], found: Conclusion) -> list[Path]:
    """Write the page, and its data beside it; returns the files. A page on stdout is alone."""
    few = ", ".join(run.symbol for run in runs)
    names = few if len(runs) <= FEW_SYMBOLS else f"{len(runs)} symbols"  # the page lists them
    title, data = f"Backtest of {names}", document_file(path)
    try:
        write_report(path, title, runs, found=found)
        if not path.is_file():
            return [path]
        write_document(data, title, runs, found)
    except OSError as error:
        raise CommandError(f"--report {path} cannot be written: {error}") from error
    return [path, data]


def _table(runs: Sequence[Run | StrategyRun]) -> Table:
    one = runs[0].policy
    kind = "strategy" if isinstance(one, StrategySet) else "policy"
    coarse = runs[0].feed.coarse
    marked = "" if coarse is None else f", coarse: settled by {coarse} bars"
    table = Table(title=f"{kind} {named(one)} ({one.digest}){marked}")
    table.add_column("symbol", no_wrap=True)
    ends = _ends(runs)
    for name in ("bars", "signals", *ends, "won", "gross", "net"):
        table.add_column(name, justify="right", no_wrap=True)
    table.caption = "won: net of costs; gross and net: mean of a signal, basis points"
    for run in runs:
        table.add_row(*_row(run, ends.values()))
    return table


def _ends(runs: Sequence[Run | StrategyRun]) -> dict[str, str]:
    """Return the states that are counted, by their titles: `left` only where a strategy leaves."""
    left = any(signal.status == "left" for run in runs for signal in run.signals)
    ends = {"TP": "tp_hit", "SL": "sl_hit", "exp.": "expired"}
    return {**ends, **({"left": "left"} if left else {}), "open": "open"}


def _row(run: Run | StrategyRun, counted: Iterable[str]) -> list[str]:
    ends = [s.settlement for s in run.signals if s.settlement is not None]
    states = [s.status for s in run.signals]
    counts = [str(states.count(name)) for name in counted]
    shown = [run.symbol, f"{len(run.feed.bars):,}", str(len(states))]
    if not ends:
        return [*shown, *counts, "–", "–", "–"]
    scale = 1e4 / RETURN_SCALE / len(ends)
    won = sum(end.net_return > 0 for end in ends) / len(ends)
    gross, net = (sum(getattr(e, f"{n}_return") for e in ends) * scale for n in ("gross", "net"))
    return [*shown, *counts, f"{won:.0%}", f"{gross:+.1f}", f"{net:+.1f}"]


def run_sweeps(
    source: Path,
    symbols: str,
    sets: Sequence[str],
    grid: Path | None,
    periods: Sequence[str],
    scheduler: str | None,
    out: Path,
    strategy: str | None = None,
    searched: tuple[Sequence[str], int, int] | None = None,
) -> int:
    """Run a sweep and print its tables; returns the exit code.

    `searched`: the ranges, trials and seed of a search in place of a grid.
    """
    from research.sweeps.command import SearchOptions, run_sweep  # Dask takes a second to import

    try:
        with research_errors():
            loaded = None if strategy in (None, CLASSIC) else strategy_of(str(strategy))
            intervals = usable(None if loaded is None else set_of(loaded))
            names, interval = chosen_bars(symbols, source, intervals)
            return run_sweep(
                sets=sets, grid_file=grid, symbols=names, periods=periods, data=source,
                scheduler=scheduler, out=out, strategy=loaded, interval=interval,
                search_options=None if searched is None else SearchOptions(*searched),
            )  # fmt: skip
    except KeyboardInterrupt:
        message = f"stopped; the results so far are in {out}, and the same command resumes there"
        Console(stderr=True).print(message, highlight=False, soft_wrap=True)
        raise
