"""Commands that run the engine over recordings: backtest, sweep, audit."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from infra.cli.options import (
    FromOption,
    PolicyOption,
    SeedOption,
    SourceOption,
    StateOption,
    StrategyOption,
    SymbolsOption,
    ToOption,
    check_times,
    recording,
    run_options,
)
from infra.cli.settings.environment import EnvOption, configure, policy_for
from infra.local.stack.options import STATE_DIR

ThresholdOption = Annotated[
    float | None, typer.Option(help="The default policy with this score threshold.")
]
SetsOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="A parameter of the strategy: --set days=10 (repeatable)."),
]
ModelOption = Annotated[
    Path | None, typer.Option(help="The file of the policy's model.", exists=True)
]
TriedOption = Annotated[
    int, typer.Option(help="How many configurations you tried to find this one.", min=1)
]
PeriodOption = Annotated[
    list[str] | None,
    typer.Option(help="START..END, repeatable; two or more are also walked forward."),
]


class Search(StrEnum):
    """What chooses sets in place of a grid."""

    OPTUNA = "optuna"


SearchOption = Annotated[
    Search | None, typer.Option(help="Choose sets from --range by what the ones before made.")
]
RangesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--range",
        help="A field, or a parameter of the strategy, to search in: --range threshold=0.4..0.7, "
        "with steps ttl_s=1800..7200:600 (repeatable).",
    ),
]
TRIALS = 100
SEARCH_SEED = 7
TrialsOption = Annotated[
    int | None, typer.Option(help=f"Sets that a search chooses; default: {TRIALS}.", min=1)
]
SearchSeedOption = Annotated[
    int | None,
    typer.Option(
        "--seed",
        help=f"Of a search: the same seed chooses the same sets; default: {SEARCH_SEED}.",
        min=0,
    ),
]
OutOption = Annotated[
    Path, typer.Option(help="The folder of results (Parquet); finished runs are not repeated.")
]
ReportOption = Annotated[Path | None, typer.Option(help="Write a self-contained HTML report.")]

audit = typer.Typer(
    help="Reproducible checks: live equals backtest, and nothing repaints.",
    no_args_is_help=True,
)


def backtest(
    source: SourceOption,
    symbols: SymbolsOption = "",
    start: FromOption = None,
    end: ToOption = None,
    threshold: ThresholdOption = None,
    policy: PolicyOption = None,
    strategy: StrategyOption = None,
    sets: SetsOption = None,
    model: ModelOption = None,
    tried: TriedOption = 1,
    report: ReportOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    env: EnvOption = None,
) -> None:
    """Run the engine over a recording: the production code, costs included.

    All symbols are one market for the policy's protections. Bars before --from warm up. The
    conclusion states when no edge is shown. A .env file is read with --env only.

    Examples:

      signalengine backtest --source ~/data/klines --report out.html
      signalengine backtest --source ~/data/klines --strategy donchian --set days=10
    """
    from infra.cli.research.backtest import (  # research takes a second to import
        BacktestOptions,
        run_backtest,
    )

    place = recording(source, "backtest")
    configure("backtest", env, search=False, policy=policy)
    check_times(start, end, "--from", "--to")
    run_backtest(
        BacktestOptions(
            place,
            symbols,
            start,
            end,
            threshold,
            policy,
            model,
            tried,
            report,
            as_json,
            strategy,
            sets or [],
        )
    )


def sweep(
    source: SourceOption,
    symbols: SymbolsOption = "",
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="A field, or a parameter of the strategy, and its values: "
            "--set threshold=0.4,0.5 (repeatable).",
        ),
    ] = None,
    strategy: StrategyOption = None,
    grid: Annotated[
        Path | None, typer.Option(help="A JSON or YAML file of policies instead.", exists=True)
    ] = None,
    period: PeriodOption = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler; default: this machine.")
    ] = None,
    out: OutOption = STATE_DIR / "sweeps",
    search: SearchOption = None,
    ranges: RangesOption = None,
    trials: TrialsOption = None,
    seed: SearchSeedOption = None,
    env: EnvOption = None,
) -> None:
    """Run policies over symbols and periods; resumable, every trial counts in the statistics.

    With --search optuna, sets are chosen by what those before them made.
    Of several periods the last is not searched: it tests the choice.

    Examples:

      signalengine sweep --source ~/data/klines --set threshold=0.4,0.5 --set tp_atr=1.5,2
      signalengine sweep --source ~/data/klines --search optuna --trials 200 \\
        --range threshold=0.4..0.7 --range ttl_s=1800..7200:600 \\
        --period 2026-01-01..2026-02-01 --period 2026-02-01..2026-03-01
    """
    from infra.cli.research.backtest import run_sweeps  # research takes a second to import

    place = recording(source, "sweep")
    configure("sweep", env, search=False)
    searching = searched(search, ranges, trials, seed)
    raise typer.Exit(
        run_sweeps(
            place, symbols, sets or [], grid, period or [], scheduler, out, strategy, searching
        )
    )


def searched(
    search: Search | None, ranges: list[str] | None, trials: int | None, seed: int | None
) -> tuple[list[str], int, int] | None:
    """Return ranges, trials and seed of a search; raises BadParameter where they do not fit."""
    if search is None:
        for name, value in (("--range", ranges or None), ("--trials", trials), ("--seed", seed)):
            if value is not None:
                raise typer.BadParameter("it is for --search optuna", param_hint=name)
        return None
    if not ranges:
        raise typer.BadParameter("give a --range at least", param_hint="--search")
    return ranges, trials or TRIALS, SEARCH_SEED if seed is None else seed


@audit.command()
def parity(
    source: SourceOption,
    symbols: SymbolsOption = "",
    start: FromOption = None,
    end: ToOption = None,
    seed: SeedOption = 7,
    state_dir: StateOption = STATE_DIR,
    policy: PolicyOption = None,
    strategy: StrategyOption = None,
    env: EnvOption = None,
) -> None:
    """Replay through the deployed stack; compare every decision, signal and outcome.

    The backtester runs on the facts that the replay put on the stream, with the same policy and,
    with AI_ENABLED and AI_MODEL_PATH, the same model. A strategy runs alone, in place of classic.
    Ends with 1 and prints the differences if there are any.
    """
    from infra.cli.research.audit import run_parity  # research's libraries take a second to import

    configure("audit parity", env, search=False, policy=policy)
    policy = policy if strategy else policy_for(policy, state_dir)
    options = run_options(source, symbols, start, end, "max", seed, True, state_dir, policy)
    raise typer.Exit(run_parity(options, strategy=strategy))


@audit.command()
def repaint(
    source: SourceOption,
    symbols: SymbolsOption = "",
    start: FromOption = None,
    end: ToOption = None,
    policy: PolicyOption = None,
    strategy: StrategyOption = None,
    env: EnvOption = None,
) -> None:
    """Recompute each decision and signal from history that ends at its own bar.

    Ends with 1 and prints the differences if there are any.
    """
    from infra.cli.research.audit import run_repaint  # research's libraries take a second to import

    place = str(recording(source, "audit repaint"))
    configure("audit repaint", env, search=False, policy=policy)
    options = run_options(place, symbols, start, end, "max", 0, True, STATE_DIR, policy)
    raise typer.Exit(run_repaint(options, strategy=strategy))
