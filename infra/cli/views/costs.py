"""The cost of a stack: so far, by service, and per month."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from signalengine.text.formatting import dollars

from .page import Page, plain
from .tables import Cell, Column, fitted, nothing, number

WATCHING = "+ watching"
"""The probe, which is not in the sum; the alarms and the dashboard are free."""
FRONT = "+ site"
"""CloudFront, for one dashboard that is always open; not in the sum either."""

CHANNELS = "+ channels"
"""Other channels than Telegram, where there is a destination: polling and alarms; likewise."""


def costs(document: Mapping[str, Any], page: Page) -> RenderableType:
    """Render the estimate so far, and months at the current usage for several sizes."""
    if document["usd_estimate"] is None:
        return nothing(plain(document["basis"]))
    months = document["months"]
    head = Text.assemble(
        (f"about {dollars(document['usd_estimate'])}", "bold"),
        f" since {page.at(document['since'])}\n",
    )
    columns = [Column("service"), number("so far")]
    columns += [
        number(f"{one['symbols']} symbols, a month", rank) for rank, one in enumerate(months, 1)
    ]
    rows = [_row(row, months) for row in document["by_service"]]
    sums = [dollars(document["usd_estimate"]), *(dollars(one["usd"]) for one in months)]
    rows.append([Text("all", "bold"), *(Text(one, "bold") for one in sums)])
    rows.append([WATCHING, "", *(dollars(one.get("watching_usd", 0.0)) for one in months)])
    rows.append([FRONT, "", *(dollars(one.get("front_usd", 0.0)) for one in months)])
    rows.append([CHANNELS, "", *(dollars(one.get("channels_usd", 0.0)) for one in months)])
    basis = Text(plain(document["basis"]), "dim")
    return Group(head, fitted(columns, rows, page.width), Text(), basis)


def plan(document: Mapping[str, Any], page: Page) -> RenderableType:
    """Render the estimate of a month for a number of symbols."""
    (month,) = document["months"]
    rows: list[list[Cell]] = [
        [plain(name), dollars(usd)] for name, usd in month["by_service"].items()
    ]
    rows.append([Text("all", "bold"), Text(dollars(month["usd"]), "bold")])
    rows.append([WATCHING, dollars(month.get("watching_usd", 0.0))])
    rows.append([FRONT, dollars(month.get("front_usd", 0.0))])
    rows.append([CHANNELS, dollars(month.get("channels_usd", 0.0))])
    columns = [Column("service"), number(f"{month['symbols']} symbols, a month")]
    basis = Text(plain(document["basis"]), "dim")
    return Group(fitted(columns, rows, page.width), Text(), basis)


def exposure(document: Mapping[str, Any], page: Page) -> RenderableType:
    """Render what visitors of a public API can cost a day, by what they call."""
    rows: list[list[Cell]] = [
        [plain(name), dollars(usd)] for name, usd in document["by_part"].items()
    ]
    rows.append([Text("all", "bold"), Text(dollars(document["usd_a_day"]), "bold")])
    columns = [Column("called"), number("a day, at most")]
    basis = Text(plain(document["basis"]), "dim")
    return Group(fitted(columns, rows, page.width), Text(), basis)


def _row(row: Mapping[str, Any], months: Sequence[Mapping[str, Any]]) -> list[Cell]:
    name = row["service"]
    monthly = (dollars(one["by_service"].get(name, 0.0)) for one in months)
    return [plain(name), dollars(row["usd"]), *monthly]
