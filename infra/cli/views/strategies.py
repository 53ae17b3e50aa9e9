"""The views of strategies: all, one, what a check found; and of the sets of a stack."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from signalengine.text.formatting import dollars, percent

from .page import Page, lines, plain
from .quoted import NONE, gain, score
from .tables import Cell, Column, fitted, listed, nothing, number

Row = Mapping[str, Any]
STATUSES = {"live": "green", "shadow": "cyan", "parked": "red", "off": "dim"}
FEW = 30


def strategies(document: Row, page: Page) -> RenderableType:
    """Render all strategies, then the files that are refused."""
    good = [row for row in document["strategies"] if "problem" not in row]
    bad = [row for row in document["strategies"] if "problem" in row]
    columns = (
        Column("name"), number("version", 3), Column("from", 2), Column("every"),
        Column("intervals", 3), Column("parameters", 4), Column("needs", 5), Column("digest", 1),
    )  # fmt: skip
    rows: list[Sequence[Cell]] = [
        (
            row["name"], str(row["version"]), "shipped" if row["ships"] else "own", row["every"],
            " ".join(dict.fromkeys((*row["intervals"], *row["features"]))),
            " ".join(f"{one['name']}={one['default']:g}" for one in row["parameters"]),
            " ".join(row["needs"]), row["digest"],
        )
        for row in good
    ]  # fmt: skip
    notes = [Text.assemble(("✗ ", "red"), f"{row['name']}: {plain(row['problem'])}") for row in bad]
    own = Text(f"your own: {plain(document['folder'])}", "dim")
    parts: list[RenderableType] = [fitted(columns, rows, page.width), *notes, own]
    if document["stack"] is not None:
        title = Text(f"\non {plain(document['stack']['name'])}", "bold underline")
        parts += [title, sets(document["stack"], page)]
    return Group(*parts)


def strategy(document: Row) -> RenderableType:
    """Render one strategy in full."""
    warm_up = ", ".join(f"{bars} × {name}" for name, bars in document["warm_up"].items())
    head: list[tuple[str, Cell]] = [
        ("strategy", f"{document['name']}, version {document['version']}"),
        ("digest", f"{document['digest']} (with the default parameters)"),
        ("file", plain(document["path"]) or NONE),
        ("decides", f"at closes of {document['every']}"),
        ("reads", " ".join((*document["intervals"], *document["features"])) or NONE),
        ("needs", " ".join(document["needs"]) or NONE),
        ("warm-up", warm_up or NONE),
        ("expires", f"after {document['ttl_minutes'] / 60:g} h"),
    ]
    parameters = [(one["name"], _parameter(one)) for one in document["parameters"]]
    values = [(one["name"], f"{one['kind']}  {plain(one['about'])}") for one in document["values"]]
    text = [Text(plain(line)) for line in document["text"].splitlines()]
    parts: list[RenderableType] = [*text, Text(), listed(head)]
    for title, rows in (("parameters", parameters), ("values", values)):
        if rows:
            parts += [Text(f"\n{title}", "bold underline"), listed(rows)]
    return Group(*parts)


def _parameter(one: Row) -> str:
    kind = "whole, " if one["whole"] else ""
    bounds = f"{kind}{one['least']:g} to {one['most']:g}"
    return f"{one['default']:g}  ({bounds})  {plain(one['about'])}"


def check(document: Row) -> RenderableType:
    """Render what the laws found."""
    failures = [one for one in document["failures"] if not one["warning"]]
    broken = {one["law"] for one in failures}
    parts: list[RenderableType] = [
        Text.assemble(("✗ " if law in broken else "✓ ", "red" if law in broken else "green"), law)
        for law in document["laws"]
    ]
    parts += [_failure(document, one) for one in document["failures"]]
    parts += [
        Text(f"· {one['symbol']}: {one['entries']} entries at {one['closes']:,} closes"
             f"{_signals(one)}")
        for one in document["recorded"]
    ]  # fmt: skip
    cost = document["cost"]
    if cost is not None:
        parts.append(
            Text(
                f"· {cost['us_a_bar']:g} µs a bar in plain Python, {cost['numbers']} numbers of "
                f"state; Lambda for {cost['symbols']} symbols: "
                f"{dollars(cost['lambda_usd_a_month'])} a month"
            )
        )
    held = f"all {len(document['laws'])} laws hold" if document["holds"] else "not to be run yet"
    parts.append(Text(held, "bold green" if document["holds"] else "bold red"))
    return Group(*parts)


def _failure(document: Row, one: Row) -> Text:
    where = f"{document['strategy']}.py" + (f":{one['line']}" if one["line"] else "")
    mark = ("! ", "yellow") if one["warning"] else ("✗ ", "red")
    return lines(
        Text.assemble(mark, (f"{where}  ", "bold"), f"{one['law']}: {plain(one['text'])}"),
        Text(f"    fix: {plain(one['fix'])}", "dim"),
    )


def _signals(one: Row) -> str:
    rate = one["signals_a_day"]
    return "" if rate is None else f"; signals a day: {rate:.2f}"


def sets(document: Row, page: Page) -> RenderableType:
    """Render the sets of a stack side by side, then why some are parked."""
    rows = document["strategies"]
    zone = page.zone(row[name] for row in rows for name in ("since", "last_signal"))
    columns = (
        Column("set"), Column("status"), Column(f"since ({zone})", 4), number("open", 2),
        number("closed"), number("win rate", 1), number("95%", 3), number("net", 1),
        number("mean", 2), number("95% of it", 3), Column(f"last signal ({zone})", 4),
        Column("digest", 5),
    )  # fmt: skip
    found: list[Sequence[Cell]] = [
        (
            plain(row["name"]), _status(row["status"]), _minute(row["since"], page),
            str(row["open"]), str(row["closed"]), score(row["win_rate"]),
            _range(row, "win_rate", score),
            gain(row["total_return"] if row["closed"] else None), gain(row["avg_return"]),
            _range(row, "avg_return", percent), _minute(row["last_signal"], page),
            plain(row["digest"]),
        )
        for row in rows
    ]  # fmt: skip
    few = any(row["closed"] < FEW for row in rows)
    notes = [
        Text.assemble(("✗ ", "red"), f"{plain(row['name'])}: {plain(row['reason'])}")
        for row in rows
        if row["status"] == "parked"
    ]
    notes += [
        Text(f"· {plain(row['name'])}: {plain(row['evidence'])}")
        for row in rows
        if row.get("evidence")
    ]
    caption = f"below {FEW} closed signals, results say next to nothing" if few else ""
    return Group(fitted(columns, found, page.width, caption), *notes)


def changed(document: Row) -> RenderableType:
    """Render what became of a set, and what does not happen at once."""
    before = document["before"] or "not registered"
    head = Text.assemble(
        (plain(document["name"]), "bold"), f": {before} → ", _status(document["status"])
    )
    return Group(head, *(Text(f"· {plain(note)}") for note in document["notes"]))


def changes(document: Row, page: Page) -> RenderableType:
    """Render who changed a set when, the newest first."""
    if not document["changes"]:
        return nothing(f"{document['name']} was never changed")
    columns = (
        Column(f"at ({page.zone(row['at'] for row in document['changes'])})"), Column("who", 2),
        Column("before"), Column("after"),
        Column("digest", 4), Column("parameters", 3), Column("reason", 1),
    )  # fmt: skip
    rows: list[Sequence[Cell]] = [
        (
            page.minute(row["at"]), plain(row["who"]), plain(row["before"] or NONE),
            _status(row["status"]), plain(row["digest"]) or NONE,
            " ".join(f"{plain(n)}={x:g}" for n, x in row["set"].get("parameters", {}).items()),
            plain(row["evidence"]["text"] if row["evidence"] else row["reason"]),
        )
        for row in document["changes"]
    ]  # fmt: skip
    return fitted(columns, rows, page.width)


def _status(status: str) -> Text:
    return Text(plain(status), STATUSES.get(status, ""))


def _minute(time: int | None, page: Page) -> str:
    return NONE if time is None else page.minute(time)


def _range(row: Row, name: str, written: Callable[[float], str]) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if low is None:
        return NONE
    return f"{written(low)} to {written(high)}"
