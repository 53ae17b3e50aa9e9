"""Which tests run in one worker: those of a file, and all of tests/flow that play one market.

A market takes a minute of CPU to be played, and the fixture plays it once a process.
"""

from functools import cache
from pathlib import Path
from typing import Final

from xdist.scheduler.loadfile import LoadFileScheduling

ROOT: Final = Path(__file__).parents[1]
FLOW: Final = "tests/flow/"
PLAYED: Final = ": Played"
"""What the fixture's type is called by the tests that use it."""


class SharedMarketScheduling(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """As `--dist loadfile`, but for the files that share the market of tests/flow."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(str(super()._split_scope(nodeid)))


@cache
def scope_of(file: str) -> str:
    """Return the group of a test file, by its path below the repository."""
    shares = file.startswith(FLOW) and PLAYED in (ROOT / file).read_text(encoding="utf-8")
    return FLOW if shares else file
