"""`signalengine audit`: two checks of a recording, parity and repainting."""

import gzip
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table
from signalengine.facts.stream import BarsFact, HistoryFact
from signalengine.models.model import Model
from signalengine.policy import Policy
from signalengine.signals import Decision
from signalengine.strategy.sets import StrategySet

from infra.cli.local.replay import played
from infra.cli.policy_files import model_of_environment, policy_of
from infra.cli.research.recordings import chosen_bars, research_errors
from infra.cli.strategies.alone import with_set
from infra.cli.strategies.folder import chosen_set
from infra.errors import CommandError
from infra.local.replay.collector import ReplayCollector
from infra.local.stack.options import RunOptions
from infra.local.stack.private import private_folder
from machine.files import replacing
from research.audit import (
    NOT_COMPARED,
    Difference,
    absent_of,
    behind_of,
    compared,
    decisions_of,
    repaint,
    repaint_market,
)
from research.backtest.coarse import usable
from research.backtest.feed import feed_of_facts
from research.backtest.market import run_market
from research.backtest.result import Run
from research.backtest.run import simulate
from research.backtest.strategy_run import (
    StrategyRun,
    run_sets,
    simulate_set_market,
)
from research.data.bars import BarTable
from research.data.errors import DataError
from research.data.loader import load_each
from research.data.recordings import scan
from research.data.stream_archive import read_facts

SHOWN = 30
NOTHING = (
    "There is no decision in that span, so nothing was checked. Use a day at least, with bars "
    "before it to warm up: 64 of every interval."
)


def run_parity(
    options: RunOptions, console: Console | None = None, *, strategy: str | None = None
) -> int:
    """Replay through the deployed stack and compare with the backtester; 0 when all is equal."""
    out = console or Console()
    options, one = with_set(options, strategy)
    policy = policy_of(options.policy)
    model = model_of_environment(policy)
    with played(options, out) as collector:
        archive = save_facts(collector, options.state_dir / "archive")
        seen = collector.seen(wall_s=0.0)
    facts = facts_of(archive)
    with research_errors():
        again = (
            computed_again(facts, policy, model, seen.decisions)
            if one is None
            else run_sets(
                map(feed_of_facts, facts.values()),
                one,
                behind_of(seen.decisions),
                policy,
                absent_of(seen.decisions),
            )
        )
    rows = {
        "facts read": sum(len(stream) for stream in facts.values()),
        "decisions, live": len(seen.decisions),
        "decisions, backtest": sum(len(list(decisions_of(run))) for run in again),
        "signals, live": len(seen.signals),
        "signals, backtest": sum(len(run.signals) for run in again),
        "settled, live": sum(s.settlement is not None for s in seen.signals),
    }
    consulted = sum(d.opinion is not None for d in seen.decisions)
    refused = sum(bool(d.protections) for d in seen.decisions)
    rows |= {"model applied, live": consulted} if model else {}
    rows |= {"refused by protections, live": refused} if policy.protections.on else {}
    if not seen.decisions and not rows["decisions, backtest"]:
        raise CommandError(NOTHING)
    differences = compared(again, seen.decisions, seen.signals)
    return _print_result(
        f"parity: live against backtest, {_named(policy, one)}", rows, differences, out
    )


def _named(policy: Policy, one: StrategySet | None) -> str:
    return f"policy {policy.name}" if one is None else f"strategy {one.key}"


def facts_of(archive: Path) -> dict[str, list[BarsFact | HistoryFact]]:
    """Return the bars and histories of an archive, by symbol."""
    facts: dict[str, list[BarsFact | HistoryFact]] = defaultdict(list)
    for fact in read_facts([archive]):
        facts[fact.symbol].append(fact)
    return facts


def computed_again(
    facts: Mapping[str, Iterable[BarsFact | HistoryFact]],
    policy: Policy,
    model: Model | None,
    decisions: Iterable[Decision],
) -> list[Run]:
    """Run the engine on the facts; raises CommandError if they are not one contiguous span."""
    try:
        feeds = map(feed_of_facts, facts.values())
        return run_market(feeds, policy, model, behind_of(decisions))
    except DataError as error:
        raise CommandError(
            f"{error} The ingest task was restarted during the replay (see its log); "
            "run the audit again."
        ) from error


def run_repaint(
    options: RunOptions, console: Console | None = None, *, strategy: str | None = None
) -> int:
    """Recompute each decision from history cut at its own bar; 0 when all is equal."""
    out = console or Console()
    differences: list[Difference] = []
    decisions = signals = 0
    with research_errors():
        source, one = Path(options.source), chosen_set(strategy, (), options.policy)
        again = _recomputing(options, one)
        names, interval = chosen_bars(options.symbols, source, usable(one))
        together = one is not None and one.loaded.strategy.compares
        groups = [names] if together else [[name] for name in names]
        held = scan(source)
        for group in track(groups, description="cutting history", console=Console(stderr=True)):
            tables = list(load_each(held, group, end=options.end, interval=interval))
            runs, found = again(tables)
            decisions += sum(len(list(decisions_of(run))) for run in runs)
            signals += sum(len(run.signals) for run in runs)
            differences += found
    if not decisions:
        raise CommandError(NOTHING)
    rows = {"symbols": len(names), "decisions recomputed": decisions, "signals among them": signals}
    return _print_result(
        "repaint: each decision from history cut at its bar", rows, differences, out
    )


def _recomputing(
    options: RunOptions, one: StrategySet | None
) -> Callable[[Sequence[BarTable]], tuple[Sequence[Run | StrategyRun], list[Difference]]]:
    """Return what runs tables and recomputes their decisions: of a policy, or of a strategy."""
    if one is not None:

        def of_strategy(
            tables: Sequence[BarTable],
        ) -> tuple[Sequence[Run | StrategyRun], list[Difference]]:
            runs = simulate_set_market(tables, one, start=options.start)
            return runs, repaint_market(runs)

        return of_strategy
    policy = policy_of(options.policy)
    model = model_of_environment(policy)

    def of_policy(
        tables: Sequence[BarTable],
    ) -> tuple[Sequence[Run | StrategyRun], list[Difference]]:
        runs = [simulate(table, policy, start=options.start, model=model) for table in tables]
        return runs, [found for run in runs for found in repaint(run)]

    return of_policy


def save_facts(collector: ReplayCollector, folder: Path) -> Path:
    """Write everything on the feed stream to one file of compressed JSON lines."""
    private_folder(folder)
    target = folder / "facts.jsonl.gz"
    with replacing(target, private=True) as part, gzip.open(part, "wb") as file:
        for data in collector.records():
            file.write(data + b"\n")
    return target


def _print_result(
    title: str, rows: dict[str, int], differences: Sequence[Difference], out: Console
) -> int:
    table = Table(title=title, show_header=False)
    for name, value in {**rows, "differences": len(differences)}.items():
        table.add_row(name, str(value))
    out.print(table)
    for difference in differences[:SHOWN]:
        out.print(f"[red]≠[/] {difference}", highlight=False)
    if len(differences) > SHOWN:
        out.print(f"… and {len(differences) - SHOWN} more")
    out.print(f"[dim]not compared: {', '.join(NOT_COMPARED)}[/]")
    return 1 if differences else 0
