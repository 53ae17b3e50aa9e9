"""Shell completion: symbols and signal ids of the selected stack.

Completion has to be fast: a stack that does not answer within a second gives no completions, and a
stack on AWS is not looked up.
"""

import os
from collections.abc import Iterator
from typing import Any

import typer

from infra.cli.reading.target import LOCAL, Where, resolve
from infra.errors import CommandError
from infra.local.stack.options import STATE_DIR

TIMEOUT_S = 1.0
OFFERED = 50


def symbols(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the followed symbols that begin with `incomplete`."""
    found = _fetched(ctx, "/symbols").get("symbols", [])
    return [str(name) for name in found if str(name).startswith(incomplete)]


def signal_ids(ctx: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    """Yield the newest signals' ids that begin with `incomplete`, with a description."""
    if "latest".startswith(incomplete):
        yield "latest", "the newest signal"
    for row in _fetched(ctx, f"/signals?limit={OFFERED}").get("signals", []):
        if str(row["id"]).startswith(incomplete):
            yield str(row["id"]), f"{row['direction']} {row['symbol']} {row['status']}"


def _fetched(ctx: typer.Context, path: str) -> dict[str, Any]:
    given = ctx.params
    where = Where(
        stack=given.get("stack"), url=given.get("url"), token=given.get("token"),
        state_dir=given.get("state_dir") or STATE_DIR,
    )  # fmt: skip
    named = where.stack or (None if where.url else os.environ.get("SIGNALENGINE_STACK"))
    if named not in (None, LOCAL):
        return {}
    from infra.cli.reading.client import Api  # not needed for help

    try:
        return dict(Api(resolve(where), timeout_s=TIMEOUT_S, tries=1).get(path))
    except (CommandError, ValueError):
        return {}  # no completions
