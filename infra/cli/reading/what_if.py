"""`signalengine what-if`: past signals under other rules, over as many pages as are asked for."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.reading.context import ReadContext, reads
from infra.cli.reading.options import (
    DirectionOption,
    MarketOption,
    PolicyOption,
    StrategyOption,
    SymbolOption,
)
from infra.cli.reading.symbol import choose_symbol

if TYPE_CHECKING:
    from infra.cli.reading.client import Api

PATH = "/performance/what-if"
PAGE = 50
SUMMED = ("published", "what_if", "left_out")
"""Parts of a page that add up: sums of whole numbers."""


@reads
def what_if(
    context: ReadContext,
    tp: Annotated[float | None, typer.Option(help="Distance of TP, in ATRs.")] = None,
    sl: Annotated[float | None, typer.Option(help="Distance of SL, in ATRs.")] = None,
    ttl: Annotated[int | None, typer.Option(min=1, max=1440, help="Expiry, in minutes.")] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Only signals with this score or more.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="The number of UTC days.")] = 30,
    symbol: SymbolOption = None,
    direction: DirectionOption = None,
    strategy: StrategyOption = None,
    policy: PolicyOption = None,
    market: MarketOption = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Signals at most.")] = 300,
) -> None:
    """Past signals under other rules: hindsight, settled by the engine from stored bars.

    What is not given stays as published; costs are
    included, and a bar that reaches TP and SL is a loss,
    unless the stored path says which came first.
    It does not say what would have opened instead.
    The best of many tries looks better than it is:
    register a question with `evidence` before you look.

    Examples:

      signalengine what-if --tp 3 --sl 1 --days 7
      signalengine what-if --threshold 0.6 --json
    """
    from infra.cli.views.what_if import what_if as view  # rich is slow to import

    chosen = choose_symbol(context, symbol)
    document = tried(
        context.api, limit, tp=tp, sl=sl, ttl_minutes=ttl, threshold=threshold, days=days,
        symbol=chosen.name, direction=direction, strategy=strategy, policy=policy, market=market,
    )  # fmt: skip
    chosen.check(document["signals"])
    context.print(document, view)


def tried(api: "Api", limit: int, **parameters: Any) -> dict[str, Any]:
    """Return up to `limit` signals as one document in the API's form."""
    from infra.cli.reading.client import MAX_PAGES  # its http.client is slow to import

    pages: list[dict[str, Any]] = []
    count, cursor = 0, None
    for _ in range(MAX_PAGES):
        size = min(PAGE, limit - count)
        pages.append(api.get(PATH, limit=size, cursor=cursor, **parameters))
        count, cursor = count + pages[-1]["count"], pages[-1]["cursor"]
        if cursor is None or count >= limit:
            break
    return joined(pages)


def joined(pages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return pages as one: rows in order, sums added up, the cursor of the last."""
    rows = [row for page in pages for row in page["signals"]]
    sums = {
        part: {name: sum(page[part][name] for page in pages) for name in pages[0][part]}
        for part in SUMMED
    }
    unreadable = sum(page["unreadable"] for page in pages)
    return {
        **pages[0], **sums, "signals": rows, "count": len(rows), "unreadable": unreadable,
        "cursor": pages[-1]["cursor"],
    }  # fmt: skip
