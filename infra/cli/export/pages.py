"""The rows of an export, page by page from the HTTP API.

An export has lanes: one a symbol, or one of all symbols. A lane's pages follow each other by a
cursor, which is JSON-ready. Lists come newest first, bars oldest first.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from signalengine.intervals import INTERVAL_MS
from signalengine.policy import CLASSIC

from .datasets import DATASETS, Row

if TYPE_CHECKING:  # slow to import, and not needed for help
    from infra.cli.reading.client import Api

LIST_PAGE: Final = 200
BARS_PAGE: Final = 1_500
"""The most rows that the API returns at once."""
MOST_LANES: Final = 20
"""More symbols than these are picked out of the list of all."""
Cursor: TypeAlias = str | int | None


@dataclass(frozen=True, slots=True)
class Request:
    """What to export, with its period (ms) determined."""

    dataset: str
    symbols: tuple[str, ...] = ()
    """None: all; bars need them."""
    start: int = 0
    end: int = 0
    interval: str = "1m"
    policy: str | None = None
    market: str | None = None
    strategy: str | None = None
    shadow: bool = False

    @property
    def lanes(self) -> tuple[str | None, ...]:
        """The symbols that are read one by one; one None: all symbols are read at once."""
        if self.dataset == "bars":
            return self.symbols
        if self.dataset == "performance" or not 0 < len(self.symbols) <= MOST_LANES:
            return (None,)
        return self.symbols

    @property
    def newest_first(self) -> bool:
        return self.dataset not in ("bars", "performance")

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "symbols": list(self.symbols)}


class Page(NamedTuple):
    """Rows in the API's order, and the cursor of the next page: None at the lane's end."""

    rows: list[Row]
    next: Cursor
    unreadable: int = 0
    """Stored items that this version of the stack cannot read."""


Read: TypeAlias = Callable[[str | None, Cursor], Page]
"""Returns a page of a lane; the cursor None is its beginning."""


def reader(api: "Api", request: Request) -> Read:
    """Return what reads the pages of an export."""
    if request.dataset == "performance":
        return lambda _lane, _cursor: _performance(api, request)
    if request.dataset == "bars":
        return lambda lane, cursor: _bars(api, request, lane or "", cursor)
    return lambda lane, cursor: _list(api, request, lane, cursor)


def _list(api: "Api", request: Request, lane: str | None, cursor: Cursor) -> Page:
    name = request.dataset
    found = api.get(
        f"/{name}", symbol=lane, limit=LIST_PAGE, cursor=cursor, strategy=request.strategy,
        shadow="true" if request.shadow else None,
        **{"from": request.start, "to": request.end},
    )  # fmt: skip
    rows = [DATASETS[name].row(raw) for raw in found[name]]
    chosen = [row for row in rows if not request.symbols or row["symbol"] in request.symbols]
    return Page(chosen, found["cursor"], int(found.get("unreadable", 0)))


def _bars(api: "Api", request: Request, symbol: str, cursor: Cursor) -> Page:
    """Read the bars from the cursor on; the API returns the first ones that exist.

    The first request may find none in what it reads at most, and each other one is about no more
    bars than a page has.
    """
    length = INTERVAL_MS[request.interval]
    begin = request.start if cursor is None else int(cursor)
    window = begin - begin % length + BARS_PAGE * length
    end = request.end if cursor is None else min(window, request.end)
    found = api.get(
        "/bars", symbol=symbol, interval=request.interval, limit=BARS_PAGE,
        **{"from": begin, "to": end},
    )  # fmt: skip
    names = ("open_time", "open", "high", "low", "close", "volume")
    of = {"symbol": symbol, "interval": request.interval}
    row = DATASETS["bars"].row
    rows = [row({**of, **dict(zip(names, raw, strict=True))}) for raw in found["bars"]]
    after = int(rows[-1]["open_time"]) + length if rows else window
    return Page(rows, after if after < request.end else None, int(found.get("unreadable", 0)))


def _performance(api: "Api", request: Request) -> Page:
    """Read the statistics by symbol of one policy and market, which the first answer names."""
    strategy = request.strategy
    whose = api.get(
        "/signals/stats", policy=request.policy, market=request.market, strategy=strategy
    )
    of = {name: whose[name] for name in ("policy_digest", "market")}
    if of["market"] is None:  # no heartbeat yet
        return Page([], None)
    found = api.get(
        "/performance/stats", policy=of["policy_digest"], market=of["market"], strategy=strategy
    )
    of["strategy"] = strategy or CLASSIC
    rows = [
        DATASETS["performance"].row({**of, **raw, "symbol": symbol})
        for symbol, raw in sorted(found.items())
        if not request.symbols or symbol in request.symbols
    ]
    return Page(rows, None)
