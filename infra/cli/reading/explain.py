"""Resolves the name of a signal: a whole id, its beginning, or `latest`."""

import re
from typing import TYPE_CHECKING

from infra.errors import USAGE, CommandError

if TYPE_CHECKING:  # slow to import, and not needed for help
    from infra.cli.reading.client import Api

WHOLE = re.compile(r"[0-9a-f]{24}")
BEGINNING = re.compile(r"[0-9a-f]{4,23}")
LATEST = "latest"
LOOKED_AT = 1_000
"""Newest signals among which the beginning of an id is searched."""


def whole_id(api: "Api", name: str) -> str:
    """Return the whole id; raises CommandError."""
    given = name.strip().lower()
    if WHOLE.fullmatch(given):
        return given
    if given == LATEST:
        newest = api.get("/signals", limit=1)["signals"]
        if not newest:
            raise CommandError("there is no signal yet", "wait for one: `signals --watch`")
        return str(newest[0]["id"])
    if not BEGINNING.fullmatch(given):
        fix = "take one from `signals`: 24 hex digits, 4 or more of them, or the word latest"
        raise CommandError(f"{name!r} is not a signal id", fix, USAGE)
    return _begun(api, given)


def _begun(api: "Api", beginning: str) -> str:
    rows = api.pages("/signals", "signals", LOOKED_AT)["signals"]
    found = [str(row["id"]) for row in rows if str(row["id"]).startswith(beginning)]
    if not found:
        fix = "give the whole id if it is an older one"
        raise CommandError(f"none of the newest {LOOKED_AT:,} signals begins with {beginning}", fix)
    if len(found) > 1:
        raise CommandError(f"{len(found)} signals begin with {beginning}", "give more of it", USAGE)
    return found[0]
