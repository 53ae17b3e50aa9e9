"""`signalengine redrive`: dead letters by reason, and their replay."""

from typing import Annotated

import typer

from infra.cli.deliveries.stack import JsonOption, RegionOption, StackOption, StateOption
from infra.local.stack.options import STATE_DIR
from infra.names import REGION


def redrive(
    list_only: Annotated[
        bool, typer.Option("--list", help="Only show what there is: by reason, function, age.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Only with this in the reason.")
    ] = None,
    function: Annotated[
        str | None, typer.Option("--function", metavar="NAME", help="Only of this function.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many; 0: all.")] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be replayed, and do nothing.")
    ] = False,
    stack: StackOption = None,
    region: RegionOption = REGION,
    state_dir: StateOption = STATE_DIR,
    as_json: JsonOption = False,
) -> None:
    """Replay dead letters: each goes back to where it came from.

    What was processed meanwhile changes nothing. A letter that cannot be replayed stays.

    Examples:

      signalengine redrive --list
      signalengine redrive --reason "schema version" --dry-run
      signalengine redrive --function score_events --limit 100 --stack SignalEngine
    """
    from rich.console import Console

    from infra.cli.deliveries.stack import access
    from infra.cli.reading.context import print_json
    from infra.cli.redrive.run import Redrive, Selection
    from infra.cli.views.page import Page
    from infra.cli.views.redrive import groups, replayed

    selection, view = Selection(reason, function, limit), groups if list_only else replayed
    with Console(stderr=True).status("reading dead letters") as status:
        found = access(stack, region, state_dir)
        letters = Redrive(found, lambda text: status.update(f"replaying {text}"))
        if list_only:
            document = {"letters": letters.groups(selection)}
        else:
            document = letters.replay(selection, dry_run=dry_run)
    page = Page()
    if as_json:
        print_json(document)
    else:
        page.print(view(document, page))
