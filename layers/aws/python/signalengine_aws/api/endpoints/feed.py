"""The feed's ledger of gaps."""

import re
from typing import Any, Final, TypedDict

from .. import parameters as p
from ..routing import Request, Route
from ..services import Services


class GapList(TypedDict):
    """A page of a day's entries, newest first."""

    gaps: list[dict[str, Any]]
    count: int
    cursor: str | None
    unreadable: int
    day: str


def gaps(services: Services, _: Request, **values: Any) -> dict[str, Any]:
    """By default of the newest day. [feed.md](feed.md) explains the causes and outcomes."""
    from ..queries.feed import GapQueries

    return services.query(GapQueries).page(**values)


CURSOR: Final = p.matching(
    "cursor",
    "Where the last page ended",
    re.compile(r"[0-9]{14}#[\w*#:.,-]{1,180}"),
    "one of ours",
)

GAPS: Final = """\
{"gaps": [], "count": 0, "cursor": null, "unreadable": 0, "day": "2025-05-19"}"""

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "/gaps", "The feed's gaps of a day, and how each was resolved", "Feed", gaps,
        GapList, (p.day(), p.limit(), CURSOR), shared=True, example=GAPS,
    ),
)  # fmt: skip
