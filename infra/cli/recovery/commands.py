"""Commands that restore a table, and rebuild all from the archive."""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.deploy.commands import RegionOption, StageOption, YesOption
from infra.names import REGION


def restore_table(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A table, like signals.")],
    at: Annotated[
        str | None,
        typer.Option(
            help="The second to go back to, UTC: 2026-12-01T10:00. Default: the newest possible."
        ),
    ] = None,
    use: Annotated[
        str | None,
        typer.Option(metavar="TABLE", help="Restore nothing: let the code use this table."),
    ] = None,
    stage: StageOption = "",
    region: RegionOption = REGION,
    yes: YesOption = False,
) -> None:
    """Restore a table to a second of the last 35 days, and let the code use it.

    The restored table is a new one beside the old. The next deployment of the
    code takes it into use; until then nothing changes. --use goes back, or to
    any other table with the same key.

    Examples:

      signalengine restore-table signals --at 2026-12-01T10:00
      signalengine restore-table signals --use SignalEngineData-Storagesignals-1A2B
    """
    import time

    from infra.cli.cloud import AwsCloud
    from infra.cli.deploy.deployment import known_stage
    from infra.cli.recovery.restoring import Tables

    tables = Tables(AwsCloud(region), known_stage(stage))
    old, when = tables.used(name), _time(at)
    words = f"restore {old}" if use is None else f"use {use} in place of {old}"
    if not (yes or typer.confirm(f"{words}?")):
        raise typer.Exit(1)
    table = use or tables.restore(name, when, time.time_ns() // 1_000_000, typer.echo)
    for row in tables.use(name, table):
        typer.echo(row)
    place = (f" --stage {stage}" if stage else "") + (
        f" --region {region}" if region != REGION else ""
    )
    typer.echo(f"next: signalengine deploy{place}")
    typer.echo(f"to go back: signalengine restore-table {name} --use {old}{place}")


def rebuild(
    archive: Annotated[
        Path,
        typer.Argument(
            exists=True, help="A folder or file of the archive, as `aws s3 sync` leaves it."
        ),
    ],
    by_minute: Annotated[
        bool,
        typer.Option(
            "--by-minute",
            help="Send a minute when the one before is folded. For a policy with protections, "
            "which look at the whole market; slower.",
        ),
    ] = False,
    stage: StageOption = "",
    region: RegionOption = REGION,
    yes: YesOption = False,
) -> None:
    """Fold the archive into the fresh tables of a stage, by its deployed functions.

    The stage has no feed of its own: deploy it with -p IngestTasks=0. Records
    are sent in their order, and the command waits for what is folded. A rebuild
    that was stopped may begin anew.

    Examples:

      signalengine deploy --stage rebuilt -p IngestTasks=0
      signalengine rebuild archive/facts --stage rebuilt
    """
    import time

    from infra.cli.cloud import AwsCloud
    from infra.cli.deploy.deployment import known_stage
    from infra.cli.recovery.rebuilding import AHEAD_MS, Rebuilt, archived, fresh_stage, stage_of

    stack, cloud = known_stage(stage).code, AwsCloud(region)
    outputs = fresh_stage(cloud, stack)
    if not (yes or typer.confirm(f"fold {archive} into the tables of {stack} in {region}?")):
        raise typer.Exit(1)
    files = sorted(path for path in archive.rglob("*") if path.is_file()) or [archive]
    rebuilt = Rebuilt()
    ahead_ms = 0 if by_minute else AHEAD_MS
    stage_of(cloud, outputs, time.sleep, ahead_ms).run(archived(files, rebuilt), rebuilt)
    typer.echo(
        f"sent {rebuilt.sent} records of {len(files)} files; left out {rebuilt.left_out} ticks, "
        f"passed over {rebuilt.malformed} that are no facts"
    )
    typer.echo("next: docs/recovery.md, to take the tables into use")


def _time(text: str | None) -> int | None:
    from signalengine.text.time_reader import TimeError, read_time

    try:
        return None if text is None else read_time(text)
    except TimeError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from error
