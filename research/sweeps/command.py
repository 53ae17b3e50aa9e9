"""The sweep of the command line: reads the options, runs, and prints the table."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import pandas as pd
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
from research.sweeps.ranges import Space, parse_ranges
from research.sweeps.ranking import Ranking, rank
from research.sweeps.search import Searched, search
from research.sweeps.sweep import Period, Sweep, sweep

SHOWN = 20
ONE_SYMBOL = (
    "Each task is one symbol: protections of the whole market (loss, open_signals) saw that symbol "
    "alone. `signalengine backtest` runs all symbols as one market."
)


DESIGN_ONLY = "Ranked on the periods that the search has seen; the last one is not in this table."


class _Workplace(TypedDict):
    """Where a sweep runs."""

    data: Path
    scheduler: str | None
    workers: int | None
    processes: bool
    out: Path
    interval: str


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How to search in place of a grid."""

    ranges: Sequence[str]
    """`FIELD=LEAST..MOST`, or with `:STEP` behind it."""
    trials: int
    seed: int


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
    search_options: SearchOptions | None = None,
) -> int:
    """Run a sweep, or a search, and print the best; returns 0, or 1 when a task failed.

    Default: all symbols of the data, the whole span of the first. Raises PolicyError or DataError
    with a message for the user.
    """
    say = console or Console()
    where = data or data_folder()
    chosen = tuple(symbols) or symbols_in(where)
    spans: list[Period] = list(periods) or [_whole(where, chosen[0], interval)]
    if strategy is not None and (grid_file is not None or policy is not None):
        raise PolicyError("Give a strategy and --set, or a policy or grid, not both.")
    if search_options is not None and grid_file is not None:
        raise PolicyError("Give a grid, or a search and its --range, not both.")
    workplace: _Workplace = {
        "data": where, "scheduler": scheduler, "workers": workers, "processes": processes,
        "out": out, "interval": interval,
    }  # fmt: skip
    usual = default_policy().digest if strategy is None else set_of(strategy).digest
    if search_options is None:
        variants = _variants(sets, grid_file, policy, strategy)
        done, tested = sweep(variants, chosen, spans, **workplace), None
        wide = any(one.policy.protections.market_wide for one in variants)
    else:
        space = _space(sets, policy, strategy, search_options)
        found = search(
            space, chosen, spans, trials=search_options.trials, seed=search_options.seed,
            **workplace,
        )  # fmt: skip
        done, tested = found.done, found
        wide = space.variant({}).policy.protections.market_wide
    ranking = rank(done.rows if tested is None else _searched(tested))
    if tested is not None and tested.held_out is not None:
        say.print(DESIGN_ONLY, soft_wrap=True)
    say.print(table_of(ranking))
    for line in remarks(done, ranking, out):
        say.print(line, soft_wrap=True)
    if len(chosen) > 1 and wide:
        say.print(ONE_SYMBOL, soft_wrap=True)
    if interval != "1m":
        say.print(f"Coarse: signals were settled by {interval} bars, not by 1m bars.")
    if tested is not None:
        say.print(_seen(tested), soft_wrap=True)
    if len(spans) > 1:
        say.print(forward_table(_steps(done, usual, tested)))
    return 1 if len(done.failed) else 0


def _steps(done: Sweep, usual: str, tested: Searched | None) -> list[Step]:
    """Return the steps forward: of a search the last alone, because it has seen the others."""
    steps = walk_forward(done.rows, usual)
    if tested is None or tested.held_out is None:
        return steps
    return [step for step in steps if step.start == tested.held_out[0]]


def _searched(found: Searched) -> pd.DataFrame:
    """Return the rows of the periods that a search has seen."""
    return found.done.rows[found.done.rows["start"].isin([start for start, _ in found.design])]


def _seen(found: Searched) -> str:
    """Return which periods a search has seen."""
    seen = f"The search has seen {len(found.design)} of {len(found.design) + 1} periods"
    if found.held_out is None:
        return (
            "The search has seen the whole period: nothing is left to test what it found. Give "
            "two or more --period: the last one is not searched."
        )
    return f"{seen}: from {moment(found.held_out[0])[:10]} on is its test, below."


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


def _variants(
    sets: Sequence[str], grid_file: Path | None, policy: Path | None, strategy: Loaded | None
) -> tuple[Variant, ...]:
    if strategy is not None:
        return strategy_grid(strategy, parse_sets(sets))
    if grid_file is not None and (sets or policy is not None):
        raise PolicyError("Give a grid file, or a policy and --set, not both.")
    if grid_file is not None:
        return read_grid(grid_file)
    return grid(parse_sets(sets), base=_base(policy))


def _space(
    sets: Sequence[str], policy: Path | None, strategy: Loaded | None, options: SearchOptions
) -> Space:
    ranges = parse_ranges(options.ranges, strategy)
    return Space(ranges, parse_sets(sets), _base(policy), strategy)


def _base(policy: Path | None) -> Mapping[str, Any]:
    return base_policy(str(policy) if policy else "default")


def _whole(where: Path, symbol: str, interval: str) -> Period:
    table = load(where, symbol, interval=interval)
    return table.start, table.end
