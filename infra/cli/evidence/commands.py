"""`signalengine evidence`: its commands, their options and help."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from infra.cli.options import PolicyOption, SourceOption, SymbolsOption, recording
from infra.cli.settings.environment import EnvOption, configure
from infra.local.stack.options import STATE_DIR

_FIRST = "run"


class _Evidence(TyperGroup):
    """A group whose first word may also be a strategy: then it is run."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # Typer's own types are private
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = [_FIRST, *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_Evidence,
    help="Has a strategy an edge? Registered first, the final span looked at once.",
    no_args_is_help=True,
)
StrategyArgument = Annotated[
    str, typer.Argument(help="A strategy's name, or the path of its file.")
]
FolderOption = Annotated[Path, typer.Option("--folder", help="The folder of registrations.")]
SetsOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="A parameter of the strategy: --set days=10 (repeatable)."),
]
FOLDER = STATE_DIR / "evidence"
SWEEPS = STATE_DIR / "sweeps"


@app.command()
def register(
    strategy: StrategyArgument,
    source: SourceOption,
    hypothesis: Annotated[str, typer.Option(help="What is expected, and why.")],
    edge_bps: Annotated[
        float, typer.Option(help="The mean net return of a signal that is expected.")
    ] = 20.0,
    design: Annotated[
        str | None, typer.Option(help="START..END; default: the first 60 % of the recording.")
    ] = None,
    validation: Annotated[
        str | None, typer.Option(help="START..END; default: the next 20 %.")
    ] = None,
    final: Annotated[str | None, typer.Option(help="START..END; default: the last 20 %.")] = None,
    symbols: SymbolsOption = "",
    sets: SetsOption = None,
    policy: PolicyOption = None,
    folder: FolderOption = FOLDER,
    env: EnvOption = None,
) -> None:
    """Freeze hypothesis, strategy, parameters and spans before anything is measured.

    Examples:

      signalengine evidence register donchian --source ~/data/klines --hypothesis "Trends go on"
    """
    from infra.cli.evidence.running import Question, run_register  # research is slow to import

    place = recording(source, "evidence")
    configure("evidence register", env, search=False, policy=policy)
    question = Question(strategy, sets or [], place, symbols, folder, policy)
    run_register(question, hypothesis, edge_bps, (design, validation, final))


@app.command()
def run(
    strategy: StrategyArgument,
    source: SourceOption,
    registration: Annotated[
        Path | None,
        typer.Option(help="A registration's file; default: the newest of the parameter set."),
    ] = None,
    look: Annotated[
        bool, typer.Option("--look", help="Look at the final span: once, and it is recorded.")
    ] = False,
    sets: SetsOption = None,
    policy: PolicyOption = None,
    sweeps: Annotated[
        Path | None,
        typer.Option(
            help="Folder of sweeps: their parameter sets count as tried; default: "
            f"{SWEEPS}, where it is there.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write a self-contained HTML page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    folder: FolderOption = FOLDER,
    env: EnvOption = None,
) -> None:
    """Measure design and validation; with --look the final span too, and give a verdict.

    The result of a look is a file beside the registration, which `strategy promote` reads.
    `run` may be left out: signalengine evidence donchian --source ~/data/klines.

    Examples:

      signalengine evidence donchian --source ~/data/klines --look --report evidence.html
    """
    from infra.cli.evidence.running import Question, run_evidence  # research is slow to import

    place = recording(source, "evidence")
    configure("evidence run", env, search=False, policy=policy)
    question = Question(strategy, sets or [], place, "", folder, policy)
    run_evidence(question, registration, sweeps or SWEEPS, report, look=look, as_json=as_json)
