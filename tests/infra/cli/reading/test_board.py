"""The live table's rows: each change once, filters, order, and an end that nothing reopens."""

from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from signalengine.signals import Fill, StopMove, public

from infra.cli.reading.board import Board, Filters
from tests.infra.cli.documents import LOST, OPEN, SIGNALS, WON, ended, sample

EVERYTHING = Filters()


def message(row: dict[str, Any]) -> dict[str, Any]:
    kind = "signal" if row["status"] == "open" else "signal_closed"
    return {"type": kind, "event_id": f"{row['id']}#{kind}", "cursor": 1, "data": row}


@cache
def changes() -> list[dict[str, Any]]:
    """An opening and a closing of three signals each."""
    opened = [sample(minute=n) for n in range(3)]
    return [message(public(one)) for s in opened for one in (s, ended(s))]


@given(st.permutations(range(6)), st.lists(st.integers(0, 5)))
def test_whatever_the_order_and_however_often_the_end_is_the_same(
    order: list[int], again: list[int]
) -> None:
    """A resume may send an opening after its closing, and both twice."""
    board, found = Board(EVERYTHING, 10), 0
    for at in (*order, *again):
        found += board.take(changes()[at])
    assert found == 6  # each change once
    assert [row["status"] for row in board.rows()] == ["tp_hit"] * 3
    assert [row["close_time"] for row in board.rows()] == sorted(
        (row["close_time"] for row in board.rows()), reverse=True
    )


def test_prices_between_two_statuses_are_shown() -> None:
    board = Board(EVERYTHING, 10)
    assert not board.take({"type": "status", "data": {"time": 1, "prices": {"A": 1.0, "B": 2.0}}})
    assert not board.take({"type": "prices", "data": {"time": 2, "prices": {"A": 3.0}}})
    assert (board.prices, board.market_time) == ({"A": 3.0, "B": 2.0}, 2)


def test_a_step_is_a_change_of_its_row_that_no_opening_takes_back() -> None:
    one = sample()
    steps = (Fill("target1", one.close_time + 60_000, 101.0, 0.5), StopMove("stop1", 1, 100.0))
    board = Board(EVERYTHING, 10)
    opened = message(public(one))
    for n in (1, 2):
        row = public(replace(one, progress=steps[:n]))
        moved = {"type": "signal_progress", "event_id": f"x#{n}", "cursor": n, "data": row}
        assert board.take(moved)
        assert not board.take(moved)
    board.take(opened)
    board.load([public(replace(one, progress=steps[:1]))])
    assert [len(row["progress"]) for row in board.rows()] == [2]
    board.take(message(public(ended(one))))
    assert board.rows()[0]["status"] == "tp_hit"


def test_a_set_is_a_filter() -> None:
    row = public(replace(sample(), strategy="donchian@fast"))
    assert row in Filters(strategy="donchian@fast")
    assert row not in Filters(strategy="classic")
    assert public(sample()) in Filters(strategy="classic")


def test_a_reloaded_list_reopens_nothing() -> None:
    """The list may have been read just before the closing came."""
    one = sample()
    board = Board(EVERYTHING, 10)
    board.take(message(public(ended(one))))
    board.load([public(one)])
    assert [row["status"] for row in board.rows()] == ["tp_hit"]


def test_a_reloaded_list_closes_what_was_missed() -> None:
    one = sample()
    board = Board(EVERYTHING, 10)
    board.load([public(one)])
    board.load([public(ended(one))])
    assert [row["status"] for row in board.rows()] == ["tp_hit"]


def test_filters_pass_what_they_name() -> None:
    for filters, expected in (
        (Filters(symbol="ETHUSDT"), [LOST]),
        (Filters(direction="short"), [OPEN]),
        (Filters(status="tp_hit"), [WON]),
        (Filters(status="closed"), [LOST, WON]),
        (EVERYTHING, [OPEN, LOST, WON]),
    ):
        board = Board(filters, 10)
        board.load(SIGNALS)
        assert [row["id"] for row in board.rows()] == [one.signal_id for one in expected]


def test_a_signal_that_no_longer_matches_leaves() -> None:
    board = Board(Filters(status="open"), 10)
    one = sample()
    assert board.take(message(public(one)))
    assert not board.take(message(public(ended(one))))
    assert board.rows() == []


def test_only_the_newest_are_shown() -> None:
    board = Board(EVERYTHING, 2)
    board.load(SIGNALS)
    assert [row["id"] for row in board.rows()] == [OPEN.signal_id, LOST.signal_id]


def test_prices_come_with_the_status() -> None:
    board = Board(EVERYTHING, 2)
    status = {"type": "status", "data": {"prices": {"BTCUSDT": 101.0}, "time": 5}}
    assert not board.take(status)
    assert (board.prices, board.market_time) == ({"BTCUSDT": 101.0}, 5)
    assert not board.take({"type": "status", "data": {}})
    assert board.prices == {"BTCUSDT": 101.0}
