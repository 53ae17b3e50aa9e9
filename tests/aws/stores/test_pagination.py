"""All pages together are the list: each row once, in order, whatever is stored meanwhile."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine_aws.api.parameters import read_cursor, write_cursor
from signalengine_aws.stores import pagination
from signalengine_aws.stores.pagination import (
    EVER,
    Chunk,
    Page,
    Place,
    Span,
    days,
    from_place,
    parts_of,
    walk,
)

from tests.aws.positions import T

START = T - T % DAY_MS
Item = tuple[int, str]


class Partitions:
    """A table in memory that is read like DynamoDB: a partition's newest items after a key."""

    def __init__(self, items: set[Item], only: Callable[[Item], bool]) -> None:
        self.items = set(items)
        self.only = only
        self.unreadable: Callable[[Item], bool] = lambda item: False
        self.largest = 0

    def read(self, part: str, span: Span, after: Place | None, limit: int) -> Chunk[Item]:
        assert limit >= 1
        assert span.start < span.end
        start = next(s.start for name, s in days(Span(0, span.end)) if name == part)
        mine = [i for i in self.items if start <= i[0] < start + DAY_MS and i[0] in span]
        mine.sort(reverse=True)
        if after is not None:
            assert after.time in span, "DynamoDB refuses a key outside its range"
            mine = [i for i in mine if i < (after.time, after.name)]
        read = mine[:limit]
        self.largest = max(self.largest, len(read))
        rows: list[tuple[Place, Item]] = []
        unreadable = []
        for item in filter(self.only, read):
            if self.unreadable(item):
                unreadable.append(len(rows))
            else:
                rows.append((Place(*item), item))
        last = Place(*read[-1]) if len(read) == limit and read else None
        return Chunk(rows, last, len(read), tuple(unreadable))


ITEMS = st.sets(
    st.tuples(
        st.integers(0, 6 * 1440).map(lambda m: START - m * MINUTE_MS),
        st.sampled_from(["AA", "BB", "CC"]),
    ),
    max_size=60,
)


@settings(deadline=None)
@given(ITEMS, ITEMS, st.integers(1, 12), st.integers(1, 4), st.randoms(use_true_random=False))
def test_pages_make_up_the_list_while_rows_are_inserted(
    items: set[Item], more: set[Item], size: int, keep_each: int, rng: random.Random
) -> None:
    """Older rows are returned once and in order; rows stored meanwhile shift nothing."""
    table = Partitions(items, lambda item: item[0] // MINUTE_MS % keep_each == 0)
    coming = sorted(more - items)
    found: list[Item] = []
    place: Place | None = None
    for _ in range(500):
        span = Span(START - 7 * DAY_MS, START + DAY_MS)
        page: Page[Item] = walk(
            table.read, parts_of(None, span, place), place, size, filtered=keep_each > 1
        )
        assert len(page.rows) <= size
        found += page.rows
        cursor = write_cursor(page.after)
        if cursor is None:
            break
        place = read_cursor(cursor)
        if coming:
            table.items.add(coming.pop(rng.randrange(len(coming))))
    else:
        raise AssertionError("the list has no end")
    assert found == sorted(set(found), reverse=True)
    expected = {item for item in items if table.only(item)}
    assert expected <= set(found) <= expected | {item for item in more if table.only(item)}


@settings(deadline=None, max_examples=60)
@given(ITEMS, st.integers(1, 7), st.integers(1, 4), st.integers(2, 5))
def test_items_that_cannot_be_read_are_passed_over_and_counted_once(
    items: set[Item], size: int, keep_each: int, break_each: int
) -> None:
    table = Partitions(items, lambda item: item[0] // MINUTE_MS % keep_each == 0)
    table.unreadable = lambda item: (item[0] // MINUTE_MS + ord(item[1][0])) % break_each == 0
    found: list[Item] = []
    unreadable, place = 0, None
    for _ in range(500):
        span = Span(START - 7 * DAY_MS, START + DAY_MS)
        page: Page[Item] = walk(
            table.read, parts_of(None, span, place), place, size, filtered=keep_each > 1
        )
        found, unreadable, place = found + page.rows, unreadable + page.unreadable, page.after
        if place is None:
            break
    wanted = [item for item in sorted(items, reverse=True) if table.only(item)]
    broken = [item for item in wanted if table.unreadable(item)]
    assert found == [item for item in wanted if item not in broken]
    assert unreadable == len(broken)


def test_a_page_costs_a_bounded_number_of_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pagination, "MAX_READ", 100)
    monkeypatch.setattr(pagination, "FILTERED_CHUNK", 30)
    items = {(START - n * MINUTE_MS, "a") for n in range(5_000)}
    table = Partitions(items, lambda item: False)
    reads: list[int] = []

    def counted(*query: Any) -> Chunk[Item]:
        chunk = table.read(*query)
        reads.append(chunk.read)
        return chunk

    page = walk(counted, days(Span(0, START + 1)), None, 50, filtered=True)
    assert page.rows == []
    assert page.after is not None
    assert sum(reads) <= 100 + 30


@pytest.mark.parametrize("time", [0, START, 10**14 - 1])
def test_the_parts_begin_at_the_place(time: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the span is: the day of the place is the first that is looked at."""
    looked: list[int] = []
    monkeypatch.setattr(pagination, "day_of", lambda ms: str(looked.append(ms)))
    place = Place(time)
    (_, span), _ = next(from_place(parts_of(None, EVER, place), place))
    assert len(looked) == 1
    assert span == Span(time - time % DAY_MS, time + 1)
    assert parts_of("AA", EVER, place) == [("AA", Span(0, time + 1))]


def test_a_list_ends_after_a_number_of_empty_days() -> None:
    table = Partitions({(START, "a"), (START - 3 * DAY_MS, "b"), (START - 9 * DAY_MS, "c")}, bool)
    page = walk(table.read, days(Span(0, START + 1)), None, 9, max_empty=4)
    assert [name for _, name in page.rows] == ["a", "b"]
    assert page.after is None
