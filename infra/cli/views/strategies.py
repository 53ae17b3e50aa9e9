"""The views of strategies: all, one, and what a check found."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from .page import Page, lines, plain
from .quoted import NONE
from .tables import Cell, Column, fitted, listed, number

Row = Mapping[str, Any]


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
    return Group(fitted(columns, rows, page.width), *notes, own)


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
                f"${cost['lambda_usd_a_month']:.5f} a month"
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
