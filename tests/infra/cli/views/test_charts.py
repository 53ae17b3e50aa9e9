"""Charts: they fit, and higher values are drawn higher."""

from hypothesis import given
from hypothesis import strategies as st

from infra.cli.views.charts import bar, candles, line, stairs
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
    st.lists(st.tuples(st.integers(0, 10**6), st.floats(-50.0, 50.0)), min_size=1, max_size=60),
    st.integers(-100, 2 * 10**6), st.integers(10, 100),
)  # fmt: skip
def test_stairs_are_of_one_point_until_the_next_and_reach_to_now(
    points: list[tuple[int, float]], until: int, width: int
) -> None:
    points.sort()
    drawn = stairs(points, until, width)
    assert len(drawn) == width
    assert (drawn[0], drawn[-1]) == (0.0, points[-1][1])
    assert set(drawn) <= {0.0, *(value for _, value in points)}


def test_what_stays_for_long_is_drawn_wide() -> None:
    drawn = stairs([(0, 1.0), (100, 2.0)], 1_000, 105)
    assert [drawn.count(value) for value in (0.0, 1.0, 2.0)] == [4, 10, 91]


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


def test_rising_and_falling_candles_look_different() -> None:
    rose, fell = [0, 1.0, 4.0, 1.0, 3.0, 1.0], [MINUTE, 3.0, 4.0, 1.0, 1.0, 1.0]
    drawn = "".join(row.plain for row in candles([rose, fell], {}, {}, 10, 8))
    assert "█" in drawn
    assert "▒" in drawn


def test_candles_are_drawn_at_their_prices() -> None:
    """The highest wick is in the first row, the lowest in the last; bodies lie between."""
    rows = candles(bars(0, 30), {"entry": 100.0}, {}, 60, 12)
    assert "│" in rows[0].plain
    assert "│" in rows[11].plain
    assert any("entry 100.00" in row.plain for row in rows[4:9])
