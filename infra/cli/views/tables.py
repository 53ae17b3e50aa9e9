"""Tables that fit the terminal: the least important columns are left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

Cell: TypeAlias = Text | str
GAP = 2
"""Character cells between columns: padding and box."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title; the highest `rank` is left out first, 0 never."""

    title: str
    rank: int = 0
    justify: Literal["left", "right"] = "left"


def number(title: str, rank: int = 0) -> Column:
    """Return a column of numbers."""
    return Column(title, rank, "right")


def fitted(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: int, caption: str = ""
) -> RenderableType:
    """Return a table no wider than `width`, as far as the columns of rank 0 allow."""
    widths = [_widest(column, [row[at] for row in rows]) for at, column in enumerate(columns)]
    shown = _shown(columns, widths, width)
    hidden = [column.title for at, column in enumerate(columns) if at not in shown and column.title]
    notes = [caption] if caption else []
    if hidden:
        notes.append(f"too narrow for: {', '.join(hidden)}")
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for at in shown:
        column = columns[at]
        table.add_column(
            _text(column.title), justify=column.justify, no_wrap=True, overflow="ellipsis"
        )
    for row in rows:
        table.add_row(*(_text(row[at]) for at in shown))
    return Group(table, *(Text(note, "dim") for note in notes))


def listed(rows: Sequence[tuple[str, Cell]]) -> Table:
    """Return names and values below each other; long values wrap beside their names."""
    table = Table.grid(padding=(0, GAP))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(_text(name), _text(value))
    return table


def nothing(what: str) -> RenderableType:
    """Return the text for an empty list."""
    return Text(what, style="dim")


def _widest(column: Column, cells: Sequence[Cell]) -> int:
    return max(_text(cell).cell_len for cell in (column.title, *cells))


def _text(cell: Cell) -> Text:
    """Return a cell as Text: rich would parse a string as markup."""
    return Text(cell) if isinstance(cell, str) else cell


def _shown(columns: Sequence[Column], widths: Sequence[int], width: int) -> list[int]:
    shown = list(range(len(columns)))
    while sum(widths[at] + GAP for at in shown) - GAP > width:
        last = max(shown, key=lambda at: (columns[at].rank, at))
        if columns[last].rank == 0:
            break
        shown.remove(last)
    return shown
