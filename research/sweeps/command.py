"""The sweep of the command line: reads the options, runs, and prints the table."""

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from signalengine.errors import PolicyError
from signalengine.policy import default_policy
from signalengine.strategy.loading import Loaded
from signalengine.strategy.sets import set_of

from research.data.download import data_folder
from research.data.loader import load
from research.data.loader import symbols as symbols_in
from research.data.times import moment
from research.sweeps.forward import Step, total, walk_forward
from research.sweeps.grid import (
    Variant,
    base_policy,
    grid,
    parse_sets,
    read_grid,
    strategy_grid,
)
from research.sweeps.ranking import Ranking, rank
from research.sweeps.sweep import Period, Sweep, sweep

SHOWN = 20
ONE_SYMBOL = (
    "Each task is one symbol: protections of the whole market (loss, open_signals) saw that symbol "
    "alone. `signalengine backtest` runs all symbols as one market."
)


def run_sweep(
    *,
    sets: Sequence[str] = (),
    grid_file: Path | None = None,
    policy: Path | None = None,
    symbols: Sequence[str] = (),
    periods: Sequence[str] = (),
    data: Path | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    processes: bool = True,
    out: Path = Path(".local/sweeps"),
    console: Console | None = None,
    strategy: Loaded | None = None,
    interval: str = "1m",
) -> int:
    """Run a sweep and print the best; returns 0, or 1 when a task failed.

    Default: all symbols of the data, the whole span of the first. Raises PolicyError or DataError
    with a message for the user.
    """
    say = console or Console()
    where = data or data_folder()
    chosen = tuple(symbols) or symbols_in(where)
    spans: list[Period] = list(periods) or [_whole(where, chosen[0], interval)]
    if strategy is not None and (grid_file is not None or policy is not None):
        raise PolicyError("Give a strategy and --set, or a policy or grid, not both.")
    if strategy is not None:
        variants, usual = strategy_grid(strategy, parse_sets(sets)), set_of(strategy).digest
    else:
        variants, usual = _policies(sets, grid_file, policy), default_policy().digest
    done = sweep(
        variants, chosen, spans,
        data=where, scheduler=scheduler, workers=workers, processes=processes, out=out,
        interval=interval,
    )  # fmt: skip
    ranking = rank(done.rows)
    say.print(table_of(ranking))
    for line in remarks(done, ranking, out):
        say.print(line, soft_wrap=True)
    if len(chosen) > 1 and any(one.policy.protections.market_wide for one in variants):
        say.print(ONE_SYMBOL, soft_wrap=True)
    if interval != "1m":
        say.print(f"Coarse: signals were settled by {interval} bars, not by 1m bars.")
    if len(spans) > 1:
        say.print(forward_table(walk_forward(done.rows, usual)))
    return 1 if len(done.failed) else 0


def forward_table(steps: Sequence[Step]) -> Table:
    """Return how the best policy of the past did in each next period."""
    table = Table(title="Walking forward: the best so far, on the period after it")
    for name in ("period", "chosen before it", "past bps", "N", "net bps", "default N", "net bps"):
        table.add_column(name, justify="left" if name.startswith(("per", "cho")) else "right")
    for s in steps:
        bps = [f"{x:+.1f}" for x in (s.past_bps, s.net_bps, s.default_bps)]
        counts = (str(s.closed), str(s.default_closed))
        day = moment(s.start)[:10]
        table.add_row(day, _short(s.changes), bps[0], counts[0], bps[1], counts[1], bps[2])
    mine, net, standard, default = total(list(steps))
    table.add_row("together", "", "", str(mine), f"{net:+.1f}", str(standard), f"{default:+.1f}")
    return table


def _short(changes: str) -> str:
    """Return the changes as a person writes them, one a line."""
    return "\n".join(f"{name} {value}" for name, value in json.loads(changes).items())


def remarks(done: Sweep, ranking: Ranking, out: Path) -> list[str]:
    """Return the lines below the table."""
    rate = f", {done.ran / done.seconds:.1f} a second" if done.ran else ""
    before = len(done.rows) - done.ran
    lines = [
        f"{done.ran} tasks run in {done.seconds:.1f} s{rate}, {before} done before: see {out}",
        f"{ranking.tried} policies were tried here: `deflated` is the probability that the edge is",
        "real, given that number. Policies tried elsewhere on the same bars count as well.",
    ]
    if ranking.overfitting is not None:
        lines.append(
            f"Probability of overfitting: {ranking.overfitting:.0%} (how often the best on one "
            "half of the days is below the median on the other)."
        )
    failed = done.failed
    lines += [
        f"FAILED {row['symbol']} {moment(row['start'])} .. {moment(row['end'])} {row['policy']}: "
        f"{row['error']}"
        for row in failed.head(5).to_dict("records")
    ]
    if len(failed) > 5:
        lines.append(f"… and {len(failed) - 5} more. The same command tries them again.")
    return lines


def table_of(ranking: Ranking) -> Table:
    """Return the best as a table for the terminal."""
    table = Table(title=f"The best of {ranking.tried} policies, by mean net return a signal")
    for name in ("policy", "changes", "closed", "win rate", "net bps", "gross bps", "deflated"):
        table.add_column(name, justify="left" if name in ("policy", "changes") else "right")
    for row in ranking.table.head(SHOWN).to_dict("records"):
        table.add_row(
            row["policy"], _short(row["changes"]), str(row["closed"]), f"{row['win_rate']:.1%}",
            f"{row['net_bps']:+.1f}", f"{row['gross_bps']:+.1f}",
            "–" if row["deflated"] is None or row["deflated"] != row["deflated"]
            else f"{row['deflated']:.0%}",
        )  # fmt: skip
    return table


def _policies(
    sets: Sequence[str], grid_file: Path | None, policy: Path | None
) -> tuple[Variant, ...]:
    if grid_file is not None and (sets or policy is not None):
        raise PolicyError("Give a grid file, or a policy and --set, not both.")
    if grid_file is not None:
        return read_grid(grid_file)
    return grid(parse_sets(sets), base=base_policy(str(policy) if policy else "default"))


def _whole(where: Path, symbol: str, interval: str) -> Period:
    table = load(where, symbol, interval=interval)
    return table.start, table.end
