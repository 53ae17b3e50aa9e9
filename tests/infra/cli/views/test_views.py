"""Laws of what is drawn: it fits, shapes tell the order of values, and no foreign text acts."""

import io
import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from infra.cli.views.charts import bar, candles, line
from infra.cli.views.page import Page, plain
from infra.cli.views.record import _coarser
from infra.cli.views.tables import Column, fitted
from tests.examples import examples
from tests.infra.cli.documents import MINUTE, bars

PRICE = st.floats(0.0001, 200_000.0, allow_nan=False)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(1, 60))
def test_a_longer_bar_is_a_higher_value(one: float, other: float, width: int) -> None:
    def filled(share: float) -> int:
        return sum(" ▏▎▍▌▋▊▉█".index(c) for c in bar(share, width).plain)

    assert bar(one, width).cell_len == width
    assert (one <= other) <= (filled(one) <= filled(other))


@given(st.lists(st.floats(-50.0, 50.0), min_size=1, max_size=400), st.integers(10, 100))
def test_a_line_fits_and_has_one_point_a_column(values: list[float], width: int) -> None:
    rows = [row.plain for row in line(values, width, 9)]
    assert len(rows) == 9
    edge = next(row.index(" ┤") for row in rows if " ┤" in row) + 2
    body = [row[edge:] for row in rows]
    assert len({len(row) for row in rows}) == 1
    columns = len(body[0])
    assert columns <= width
    for column in range(columns):
        assert any(row[column] in "─╭╮╰╯" for row in body)


@given(
    st.lists(st.tuples(PRICE, PRICE, PRICE, PRICE), min_size=2, max_size=200),
    st.integers(10, 90), st.integers(3, 20),
)  # fmt: skip
def test_candles_fit_and_name_every_level(
    prices: list[tuple[float, float, float, float]], width: int, height: int
) -> None:
    rows = [
        [n * MINUTE, a, max(a, b, c, d), min(a, b, c, d), b, 1.0]
        for n, (a, b, c, d) in enumerate(prices)
    ]
    levels = {"TP": prices[0][0], "SL": prices[-1][0]}
    drawn = [row.plain for row in candles(rows, levels, {"▲": 0, "◆": MINUTE}, width, height)]
    assert len(drawn) == height + 1
    assert len(drawn[-1]) <= width
    assert all(any(name in row for row in drawn) for name in levels)
    assert {"▲", "◆"} <= set(drawn[-1])


def test_a_candle_that_rose_looks_other_than_one_that_fell() -> None:
    rose, fell = [0, 1.0, 4.0, 1.0, 3.0, 1.0], [MINUTE, 3.0, 4.0, 1.0, 1.0, 1.0]
    drawn = "".join(row.plain for row in candles([rose, fell], {}, {}, 10, 8))
    assert "█" in drawn
    assert "▒" in drawn


def test_candles_stand_where_their_prices_are() -> None:
    """The highest wick is in the first row, the lowest in the last; bodies lie between."""
    rows = candles(bars(0, 30), {"entry": 100.0}, {}, 60, 12)
    assert "│" in rows[0].plain
    assert "│" in rows[11].plain
    assert any("entry 100.00" in row.plain for row in rows[4:9])


@examples(40)
@given(st.lists(st.tuples(*[st.text(max_size=8)] * 4), max_size=3), st.integers(13, 80))
def test_a_table_is_no_wider_than_it_may_be(cells: list[list[str]], width: int) -> None:
    rows = [[plain(cell) for cell in row] for row in cells]
    columns = [Column("first"), Column("second", 2), Column("third", 1), Column("fourth", 3)]
    out = io.StringIO()
    Console(file=out, width=width).print(fitted(columns, rows, width))
    assert all(_cells(text) <= width for text in out.getvalue().splitlines())
    assert "first" in out.getvalue()


def test_the_least_important_columns_leave_first_and_are_named() -> None:
    columns = [Column("name"), Column("detail", 2), Column("more", 1)]
    out = io.StringIO()
    Console(file=out, width=60).print(fitted(columns, [["a", "b" * 40, "c" * 10]], 20))
    assert "too narrow for: detail" in out.getvalue()
    assert "c" * 10 in out.getvalue()
    assert "b" not in out.getvalue()


@given(st.text())
def test_plain_text_holds_nothing_that_acts(text: str) -> None:
    assert not [c for c in plain(text) if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert len(plain(text)) == len(text)


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(0, 60),
)  # fmt: skip
def test_joined_bins_count_all_and_keep_zero_an_edge(counts: list[int], zero: int) -> None:
    zero = min(zero, len(counts))
    edges = [(n - zero) * 0.1 for n in range(len(counts) + 1)]
    bins = _coarser(edges, counts)
    assert sum(n for _, _, n in bins) == sum(counts)
    assert len(bins) <= 13
    assert any(math.isclose(edge, 0.0) for low, high, _ in bins for edge in (low, high))
    assert [low for low, _, _ in bins[1:]] == [high for _, high, _ in bins[:-1]]


def test_no_bins_are_no_bins() -> None:
    assert _coarser([], []) == []


def test_the_zone_is_named_with_every_full_time() -> None:
    page = Page(console=Console(file=io.StringIO()))
    assert page.at(1_747_656_000_000) == "2025-05-19 12:00:00 UTC"
    assert (page.minute(1_747_656_000_000), page.zone) == ("05-19 12:00", "UTC")


@pytest.mark.parametrize(("name", "colours"), [("NO_COLOR", False), ("FORCE_COLOR", True)])
def test_colours_are_the_persons_choice(
    name: str, colours: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for one in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(one, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv(name, "1")
    Page().print(bar(0.5, 4, "cyan"))
    assert ("\x1b[36m" in capsys.readouterr().out) is colours


def _cells(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)
