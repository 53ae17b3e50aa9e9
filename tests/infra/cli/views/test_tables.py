"""Tables: never wider than the terminal."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from infra.cli.views.page import plain
from infra.cli.views.tables import Column, fitted
from tests.examples import examples


@examples(40)
@given(st.lists(st.tuples(*[st.text(max_size=8)] * 4), max_size=3), st.integers(13, 80))
def test_a_table_is_no_wider_than_it_may_be(cells: list[list[str]], width: int) -> None:
    rows = [[plain(cell) for cell in row] for row in cells]
    columns = [Column("first"), Column("second", 2), Column("third", 1), Column("fourth", 3)]
    out = io.StringIO()
    Console(file=out, width=width).print(fitted(columns, rows, width))
    assert all(_cells(text) <= width for text in out.getvalue().splitlines())
    assert "first" in out.getvalue()


def test_the_least_important_columns_are_left_out_and_named() -> None:
    columns = [Column("name"), Column("detail", 2), Column("more", 1)]
    out = io.StringIO()
    Console(file=out, width=60).print(fitted(columns, [["a", "b" * 40, "c" * 10]], 20))
    assert "too narrow for: detail" in out.getvalue()
    assert "c" * 10 in out.getvalue()
    assert "b" not in out.getvalue()


def _cells(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)
