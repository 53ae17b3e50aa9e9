"""`signalengine audit`: two proofs anyone can run on a recording."""

import gzip
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table
from signalengine.facts import BarsFact, HistoryFact
from signalengine.policy import default_policy

from infra.cli.replay import played
from infra.local.gather import Gatherer
from infra.local.options import RunOptions
from research.audit import NOT_COMPARED, Difference, decisions_of, parity, repaint
from research.backtest.protected import run_market
from research.backtest.run import feed_of_facts, simulate
from research.data.loader import load, symbols
from research.data.stream_archive import read_facts

SHOWN = 30


def run_parity(options: RunOptions, console: Console | None = None) -> int:
    """Replay through the deployed stack and compare with the backtester; 0 when all is equal."""
    out = console or Console()
    with played(options, out) as gatherer:
        archive = save_facts(gatherer, options.state_dir / "archive")
        seen = gatherer.seen(wall_s=0.0)
    facts: dict[str, list[BarsFact | HistoryFact]] = defaultdict(list)
    for fact in read_facts([archive]):
        facts[fact.symbol].append(fact)
    policy = default_policy()
    differences = parity(facts, seen.decisions, seen.signals, policy)
    again = run_market(map(feed_of_facts, facts.values()), policy)
    rows = {
        "facts read": sum(len(stream) for stream in facts.values()),
        "decisions, live": len(seen.decisions),
        "decisions, backtest": sum(len(run.decision_rows) for run in again),
        "signals, live": len(seen.signals),
        "signals, backtest": sum(len(run.signals) for run in again),
        "settled, live": sum(s.settlement is not None for s in seen.signals),
    }
    return _say("parity: live against backtest", rows, differences, out)


def run_repaint(options: RunOptions, console: Console | None = None) -> int:
    """Recompute each decision from history cut at its own bar; 0 when all is equal."""
    out = console or Console()
    names = options.symbols.split(",") if options.symbols else symbols(Path(options.source))
    differences: list[Difference] = []
    decisions = signals = 0
    for symbol in track(names, description="cutting history", console=out):
        table = load(Path(options.source), symbol, end=options.end)
        run = simulate(table, start=options.start)
        decisions += len(list(decisions_of(run)))
        signals += len(run.signals)
        differences += repaint(run)
    rows = {"symbols": len(names), "decisions recomputed": decisions, "signals among them": signals}
    return _say("repaint: each decision from history cut at its bar", rows, differences, out)


def save_facts(gatherer: Gatherer, folder: Path) -> Path:
    """Write everything on the feed stream to one file of compressed JSON lines."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "facts.jsonl.gz"
    with gzip.open(target, "wb") as file:
        for data in gatherer.records():
            file.write(data + b"\n")
    return target


def _say(title: str, rows: dict[str, int], differences: Sequence[Difference], out: Console) -> int:
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
