"""`signalengine strategy shadow | promote | …`: the parameter sets of a stack."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.cli.deliveries.stack import JsonOption, RegionOption, StackOption, StateOption
from infra.cli.deploy.commands import YesOption
from infra.cli.reading.context import ReadContext, reads
from infra.local.stack.options import STATE_DIR
from infra.names import REGION

if TYPE_CHECKING:
    from signalengine.strategy.lifecycle import Action
    from signalengine.strategy.promotion import Promotion

    from infra.cli.strategies.lifecycle import Sets

SetArgument = Annotated[
    str, typer.Argument(metavar="NAME[@SET]", help="A parameter set, like donchian@fast.")
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="A parameter: --set days=10 (repeatable).")
]


def shadow(
    name: SetArgument,
    sets: SetOption = None,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Run a set in shadow: decided, stored, settled and counted, never published.

    The strategy has to be deployed (`make up` and `deploy` take the folder of
    STRATEGIES along). A set that is live becomes a shadow again; the parameters
    of one that runs do not change: retire it first.

    Examples:

      signalengine strategy shadow donchian
      signalengine strategy shadow donchian@fast --set days=10
      signalengine strategy shadow my_idea --stack SignalEngine
    """
    _act("shadow", name, _sets(stack, region, state_dir), as_json, sets=sets or [])


def promote(
    name: SetArgument,
    evidence: Annotated[
        Path | None,
        typer.Option(
            help="The result of a look at the final span of exactly this parameter set, as "
            "`signalengine evidence STRATEGY --look` writes it."
        ),
    ] = None,
    override: Annotated[
        str | None,
        typer.Option(help="Why it goes live although no edge is shown: recorded and displayed."),
    ] = None,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make a set in shadow live: its next signals are published.

    It needs a verdict on its evidence. "Shown" is enough; every other verdict, and none, needs a
    reason beside it, which is recorded.

    Examples:

      signalengine strategy promote donchian@fast --evidence .local/evidence/results/FILE.json
      signalengine strategy promote donchian@fast --override "a month on paper, without money"
    """
    from infra.cli.strategies.lifecycle import checked_name
    from infra.cli.strategies.promoting import grounds

    sets, checked = _sets(stack, region, state_dir), checked_name(name)

    def deployed() -> str:
        return deployed_digest(stack, region, state_dir)

    found = grounds(checked, sets.registry.get(checked), evidence, override, deployed)
    for note in found.notes:
        typer.echo(f"evidence: {note}", err=True)
    words = found.promotion.words
    _confirm(f"publish the signals of {name} from now on ({words})?", yes=yes)
    _act("promote", name, sets, as_json, promotion=found.promotion)


def retire(
    name: SetArgument,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Switch a set off. Its open signals still settle, its results stay.

    Examples:

      signalengine strategy retire donchian@fast --yes
    """
    sets = _sets(stack, region, state_dir)
    _confirm(f"open no more signals of {name}?", yes=yes)
    _act("retire", name, sets, as_json)


def resume(
    name: SetArgument,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Run a parked set again, as before; in shadow, if its code is another now.

    Examples:

      signalengine strategy resume my_idea
    """
    _act("resume", name, _sets(stack, region, state_dir), as_json)


def history(
    name: SetArgument,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Who changed a set, when, and into what; newest first.

    Examples:

      signalengine strategy history donchian@fast
    """
    from infra.cli.reading.context import print_json
    from infra.cli.strategies.lifecycle import checked_name
    from infra.cli.views.page import Page
    from infra.cli.views.strategies import changes

    found = _sets(stack, region, state_dir).history(checked_name(name))
    if as_json:
        return print_json(found)
    page = Page()
    return page.print(changes(found, page))


@reads
def status(
    context: ReadContext,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME[@SET]]", help="Only this set.")
    ] = None,
) -> int:
    """The sets of a stack side by side: status, results, and why one is parked.

    Ends with 1 when one is parked.

    Examples:

      signalengine strategy status
      signalengine strategy status donchian@fast --json
    """
    from infra.cli.strategies.lifecycle import checked_name
    from infra.cli.views.strategies import sets as view
    from infra.errors import PROBLEM, CommandError

    document = context.api.get("/strategies")
    if name is not None:
        wanted = checked_name(name)
        rows = [row for row in document["strategies"] if row["name"] == wanted]
        if not rows:
            fix = f"signalengine strategy shadow {wanted}"
            raise CommandError(f"{wanted} is not registered on this stack", fix)
        document |= {"strategies": rows, "count": len(rows)}
    context.print(document, view)
    parked = any(row["status"] == "parked" for row in document["strategies"])
    return PROBLEM if parked else 0


COMMANDS = (shadow, promote, retire, resume, history, status)


def _sets(stack: str | None, region: str, state_dir: Path) -> "Sets":
    from infra.cli.deliveries import stack as stacks
    from infra.cli.strategies.lifecycle import sets_of

    return sets_of(stacks.access(stack, region, state_dir))


def deployed_digest(stack: str | None, region: str, state_dir: Path) -> str:
    """Return the digest of a stack's policy, by its API; raises CommandError."""
    from signalengine.policy import CLASSIC

    from infra.cli.reading.client import Api
    from infra.cli.reading.target import Where, resolve

    target = resolve(Where(stack=stack, region=region, state_dir=state_dir))
    rows = Api(target).get("/strategies")["strategies"]
    return str(next(row["digest"] for row in rows if row["name"] == CLASSIC))


def _confirm(question: str, *, yes: bool) -> None:
    if not (yes or typer.confirm(question)):
        raise typer.Exit(1)


def _act(
    action: "Action",
    name: str,
    found: "Sets",
    as_json: bool,
    sets: list[str] | None = None,
    promotion: "Promotion | None" = None,
) -> None:
    from infra.cli.reading.context import print_json
    from infra.cli.strategies.lifecycle import checked_name
    from infra.cli.views.page import Page
    from infra.cli.views.strategies import changed

    now = time.time_ns() // 1_000_000
    done = found.act(action, checked_name(name), sets or [], now, promotion)
    if as_json:
        print_json(done)
    else:
        Page().print(changed(done))
