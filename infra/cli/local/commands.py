"""Commands that play a market through the whole system on this machine."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer

from infra.cli.options import (
    DataOption,
    FromOption,
    PolicyOption,
    SeedOption,
    SourceOption,
    SpeedOption,
    StateOption,
    StrategyOption,
    SymbolsOption,
    ToOption,
    check_market,
    checked_source,
    data_folder,
    run_options,
    trial_days,
)
from infra.cli.settings.environment import (
    EnvOption,
    configure,
    policy_for,
    sets_a_rate,
    symbols_of_environment,
)
from infra.errors import CommandError
from infra.local.stack.options import STATE_DIR, RunOptions
from infra.names import LOCAL_PORT
from ingest_task.loopback import is_loopback

IN_MEMORY = "In memory (with --model)"
KILLS = 20
"""How often `chaos --local-restart` kills the system, by default."""
A_DAY = 50
"""Faults that `chaos` injects a day, by default."""

EndpointOption = Annotated[
    str | None, typer.Option(help="An emulator of AWS that runs already, such as LocalStack's.")
]
DaysOption = Annotated[int, typer.Option(help="How many days to play.", min=1, max=31)]
PlanSeedOption = Annotated[
    int, typer.Option(help="Seed of the plan, and of the simulated market.", min=0)
]
InjectionsOption = Annotated[
    int | None,
    typer.Option(help=f"How many faults to inject; default: {A_DAY} a day.", min=1),
]
KeepOption = Annotated[
    bool,
    typer.Option("--keep", help="Keep the data over restarts, as of a live market always."),
]
FreshOption = Annotated[
    bool, typer.Option("--fresh", help="Move stored data out of the way, and begin anew.")
]
RestartOption = Annotated[
    bool,
    typer.Option("--local-restart", help="Kill the whole system and start it on its data instead."),
]
KillsOption = Annotated[
    int, typer.Option(help="How often --local-restart kills it.", min=3, max=1_000)
]
ModelOption = Annotated[
    bool,
    typer.Option(
        "--model",
        help="Disturb the functions on an AWS account in memory instead.",
        rich_help_panel=IN_MEMORY,
    ),
]
SeedsOption = Annotated[
    int, typer.Option(help="How many schedules to play.", min=1, rich_help_panel=IN_MEMORY)
]
FirstOption = Annotated[
    int, typer.Option(help="The first schedule's seed.", min=0, rich_help_panel=IN_MEMORY)
]
JobsOption = Annotated[
    int | None,
    typer.Option(help="How many processes; default: one a core.", min=1, rich_help_panel=IN_MEMORY),
]
MutationsOption = Annotated[
    bool,
    typer.Option(
        "--mutations",
        help="Take each condition away once: some seed has to notice it.",
        rich_help_panel=IN_MEMORY,
    ),
]

DailyOption = Annotated[
    Path | None,
    typer.Option(
        "--daily-export",
        metavar="DIR",
        help="Write each UTC day's signals to DIR/signals_YYYY-MM-DD.jsonl. (env DAILY_EXPORT_DIR)",
    ),
]


def up(
    source: SourceOption = "sim",
    symbols: SymbolsOption = "",
    start: FromOption = None,
    end: ToOption = None,
    speed: SpeedOption = "1",
    seed: SeedOption = 7,
    state_dir: StateOption = STATE_DIR,
    policy: PolicyOption = None,
    archive: Annotated[
        bool,
        typer.Option("--archive", help="Store every record in `archive`, beside the data."),
    ] = False,
    port: Annotated[
        int,
        typer.Option(
            help="The port of the dashboard, API and feed; 0: a free one.", min=0, max=65_535
        ),
    ] = LOCAL_PORT,
    host: Annotated[
        str,
        typer.Option(help="Where to listen; beyond this machine SIGNALENGINE_TOKEN must be set."),
    ] = "127.0.0.1",
    data_dir: DataOption = None,
    keep: KeepOption = False,
    fresh: FreshOption = False,
    env: EnvOption = None,
    daily_export: DailyOption = None,
    endpoint: EndpointOption = None,
) -> None:
    """Run the whole system on this machine until Ctrl-C.

    The dashboard, the API, the feed and the Telegram page have one address, and every signal's
    messages are printed as they come. With TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID set, the real
    Telegram is used. Settings come from the environment, then from .env here or in the data
    directory: see `signalengine config`.
    """
    from infra.cli.local.up import run_up  # AWS, HTTP and WebSocket clients take a second to import

    configure("up", env, policy=policy)
    symbols, policy = symbols or symbols_of_environment(), policy_for(policy, state_dir)
    unpaced = speed != "1" and not sets_a_rate()
    options = run_options(source, symbols, start, end, speed, seed, unpaced, state_dir, policy)
    token = "" if is_loopback(host) else os.environ.get("SIGNALENGINE_TOKEN", "")
    chosen = data_dir is not None or keep or fresh
    folder = _no_folder(chosen) if endpoint else data_folder(data_dir, options.source, keep=keep)
    files = daily_export or daily_export_of(os.environ)
    here = replace(options, archive=archive, host=host, port=port, token=token, data_dir=folder)
    here = replace(here, endpoint=endpoint, daily_export=files, channels=True)
    raise typer.Exit(run_up(here, fresh=fresh))


def _no_folder(chosen: bool) -> Path | None:
    """Return none: an AWS that runs already keeps its data. Refuse a choice of where."""
    if not chosen:
        return None
    fix = "Leave out --data-dir, --keep and --fresh."
    raise CommandError("--endpoint names an AWS that keeps its own data", fix)


def daily_export_of(env: Mapping[str, str]) -> Path | None:
    """Return the folder of DAILY_EXPORT_DIR; None where it is not set."""
    given = env.get("DAILY_EXPORT_DIR")
    return Path(given).expanduser() if given else None


def replay(
    source: SourceOption,
    symbols: SymbolsOption = "",
    start: FromOption = None,
    end: ToOption = None,
    speed: SpeedOption = "max",
    seed: SeedOption = 7,
    state_dir: StateOption = STATE_DIR,
    policy: PolicyOption = None,
    strategy: StrategyOption = None,
    report: Annotated[
        Path | None, typer.Option(help="Write the whole report to this JSON file.")
    ] = None,
    env: EnvOption = None,
) -> None:
    """Play a recording through the same system, wait for every outcome, and report.

    Ends with 1 when anything was lost, sent twice, or left unsettled; with 3 when it ended early
    (130 after Ctrl-C): the report says so, and has what was read until then.
    """
    from infra.cli.local.replay import run_replay  # as above

    if source == "live":
        raise typer.BadParameter(
            "replay needs an end: use a recording, or sim with --from and --to",
            param_hint="--source",
        )
    configure("replay", env, policy=policy)
    policy = policy if strategy else policy_for(policy, state_dir)
    options = run_options(source, symbols, start, end, speed, seed, True, state_dir, policy)
    raise typer.Exit(run_replay(options, report, strategy=strategy))


def faults(
    source: SourceOption = "sim",
    symbols: SymbolsOption = "BTCUSDT,ETHUSDT,SOLUSDT",
    start: FromOption = None,
    end: ToOption = None,
    seed: SeedOption = 7,
    only: Annotated[list[str] | None, typer.Option(help="Only this scenario (repeatable).")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Only the scenarios of the tests.")
    ] = False,
    speed: Annotated[
        float, typer.Option(help="Exchange seconds per second.", min=1.0, max=120.0)
    ] = 30.0,
    jobs: Annotated[
        int | None,
        typer.Option(help="How many at a time; default: at speed 30 four, at 1 all.", min=1),
    ] = None,
    state_dir: StateOption = STATE_DIR,
    report: Annotated[
        Path | None, typer.Option(help="Write the whole report to this JSON file.")
    ] = None,
) -> None:
    """Inject faults into the feed, and check that nothing is lost.

    Each fault is injected into a replay with the real ingest task; its facts are compared with
    those of an undisturbed replay, and with the exchange. Ends with 1 when a bar is lost or wrong,
    or when decisions differ and no stamp on the data explains it.
    """
    from infra.cli.local.faults import run_faults  # research takes a second to import
    from infra.local.faults.scenarios import QUICK, SCENARIOS, Plan

    if source == "live":
        raise typer.BadParameter(
            "faults need a local market: use sim or a recording", param_hint="--source"
        )
    check_market(checked_source(source), symbols, start, end)
    names = tuple(only or (QUICK if quick else SCENARIOS))
    plan = Plan(checked_source(source), symbols, start, end, seed, speed, names, jobs)
    raise typer.Exit(run_faults(plan, report, state_dir / "faults"))


OF_MODEL: Final = {
    "seeds": "--seeds", "first": "--first", "jobs": "--jobs", "mutate": "--mutations",
}  # fmt: skip
"""Options of `chaos --model`, by parameter."""
ON_THE_STACK: Final = {
    "source": "--source", "symbols": "--symbols", "start": "--from", "days": "--days",
    "seed": "--seed", "injections": "--injections", "state_dir": "--state-dir",
    "policy": "--policy", "env": "--env", "local_restart": "--local-restart",
    "kills": "--kills",
}  # fmt: skip
"""Options of `chaos` without `--model`."""


def chaos(
    context: typer.Context,
    source: SourceOption = "sim",
    symbols: SymbolsOption = "BTCUSDT,ETHUSDT,SOLUSDT",
    start: FromOption = None,
    days: DaysOption = 5,
    seed: PlanSeedOption = 1,
    injections: InjectionsOption = None,
    state_dir: StateOption = STATE_DIR,
    policy: PolicyOption = None,
    local_restart: RestartOption = False,
    kills: KillsOption = KILLS,
    model: ModelOption = False,
    seeds: SeedsOption = 200,
    first: FirstOption = 0,
    jobs: JobsOption = None,
    mutate: MutationsOption = False,
    report: Annotated[
        Path | None, typer.Option(help="Write the whole report to this JSON file.")
    ] = None,
    env: EnvOption = None,
) -> None:
    """Inject faults, and check that nothing is lost and nothing is sent twice.

    Plays days of a market through the deployed stack as `replay` does, while a seeded plan kills
    functions and the ingest task, disturbs calls to AWS and sends to Telegram, and drops clients.
    Then everything heals, and what was stored, published and delivered is compared with the
    backtest of the same bars. Ends with 1 when a promise was broken.

    With --local-restart everything is killed, again and again, and started on the same data.

    With --model, seeded schedules run the real functions in memory: calls fail, processes end,
    batches come again, instances interleave. One that violates something is printed as a test.
    """
    _check_given(
        context, OF_MODEL if not model else ON_THE_STACK, "with" if not model else "without"
    )
    if model:
        from infra.cli.local.chaos import Plan, run_chaos, run_mutations  # as `faults`

        play = run_mutations if mutate else run_chaos
        raise typer.Exit(play(Plan(first, seeds, jobs), report))
    begin, end = trial_days(source, start, days)
    configure("chaos", env, policy=policy)
    policy = policy_for(policy, state_dir)
    options = run_options(source, symbols, begin, end, "max", seed, True, state_dir, policy)
    trial, count = _disturbed, injections or A_DAY * days
    if local_restart:
        trial, count = _restarted, kills
    raise typer.Exit(trial(options, seed, count, report))


def _disturbed(options: RunOptions, seed: int, count: int, report: Path | None) -> int:
    from infra.cli.local.chaos_stack import Trial, run_trial  # as `faults`

    return run_trial(Trial(options, seed, count), report)


def _restarted(options: RunOptions, seed: int, count: int, report: Path | None) -> int:
    from infra.cli.local.chaos_restart import RestartTrial, run_restarts  # as `faults`

    return run_restarts(RestartTrial(options, seed, count), report)


def _check_given(context: typer.Context, options: Mapping[str, str], word: str) -> None:
    """Refuse the first option that was given and has no effect; by the parameters' names."""
    for name, option in options.items():
        source = context.get_parameter_source(name)
        if source is not None and source.name != "DEFAULT":
            raise typer.BadParameter(f"goes {word} --model", param_hint=option)


def burst(
    signals: Annotated[
        int, typer.Option(help="How many signals the minute opens.", min=1, max=100_000)
    ] = 1_000,
    model: Annotated[
        bool,
        typer.Option("--model", help="On an AWS account in memory, where time is computed."),
    ] = False,
    state_dir: StateOption = STATE_DIR,
    report: Annotated[
        Path | None,
        typer.Option(help="Write the report to this JSON file, and pictures beside it."),
    ] = None,
) -> None:
    """Open many signals in one minute, and check that each subscriber receives each of them once.

    The signals are stored as decisions are, and go the whole way: outbox, topic, queue, Telegram at
    its pace, and a WebSocket client. The depth of each stage and the memory of each process are
    sampled. Ends with 1 when a signal was lost or came twice.
    """
    from infra.cli.local.burst import run_burst  # AWS and the stores take a second to import

    raise typer.Exit(run_burst(signals, state_dir, report, model=model))


def soak(
    source: SourceOption = "sim",
    symbols: SymbolsOption = "BTCUSDT,ETHUSDT,SOLUSDT",
    start: FromOption = None,
    end: ToOption = None,
    speed: SpeedOption = "max",
    seed: SeedOption = 7,
    state_dir: StateOption = STATE_DIR,
    policy: PolicyOption = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Write the report to this JSON file, and pictures beside it."),
    ] = None,
    env: EnvOption = None,
) -> None:
    """Replay a long time, a week for example, and check that no process grows.

    Memory, open files and connections of every process, and the items of every table, are sampled
    every ten seconds. A process grows when the slope of its second half is more than noise. Ends
    with 1 when one does, or when anything was lost or sent twice; with 3 when it ended early.
    """
    from infra.cli.local.soak import run_soak  # as `replay`

    if source == "live" or (source == "sim" and end is None):
        raise typer.BadParameter(
            "soak needs an end: use a recording, or sim with --from and --to",
            param_hint="--source",
        )
    configure("soak", env, policy=policy)
    policy = policy_for(policy, state_dir)
    options = run_options(source, symbols, start, end, speed, seed, True, state_dir, policy)
    raise typer.Exit(run_soak(options, report))
