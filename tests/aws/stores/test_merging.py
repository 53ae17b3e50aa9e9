"""Several sets' items as one list: all of them, each once, newest first, in pages of any size."""

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS
from signalengine_aws.runtime.clock import day_of
from signalengine_aws.stores.merging import merged
from signalengine_aws.stores.pagination import Chunk, Place, Read, Span, days, parts_of, walk

LISTS = st.dictionaries(
    st.sampled_from(["", "donchian", "donchian@fast", "keltner"]),
    st.lists(st.integers(0, 5).map(lambda n: n * DAY_MS // 3), max_size=7),
    min_size=1,
    max_size=4,
)


def reader(name: str, times: Sequence[int], most: int) -> Read[str]:
    """A partition of a day, at most so many items a query; items are named by their number."""
    items = [(Place(time, f"{name or 'c'}{n}"), f"{name}#{n}") for n, time in enumerate(times)]
    items.sort(key=lambda one: -one[0].time)

    def read(part: str, span: Span, after: Place | None, size: int) -> Chunk[str]:
        mine = [one for one in items if one[0].time in span and day_of(one[0].time) == part]
        if after is not None:
            begin = [place for place, _ in mine].index(after._replace(strategy="")) + 1
            mine = mine[begin:]
        rows = mine[: min(most, size)]
        last = rows[-1][0] if rows and len(rows) < len(mine) else None
        return Chunk(rows, last, len(rows))

    return read


def pages(lists: Mapping[str, Sequence[int]], size: int, most: int) -> list[str]:
    read = merged({name: reader(name, times, most) for name, times in lists.items()})
    span, found, place = Span(0, 3 * DAY_MS), list[str](), None
    for _ in range(99):
        page = walk(read, parts_of(None, span, place), place, size)
        assert len(page.rows) <= size
        found, place = found + page.rows, page.after
        if place is None:
            return found
    raise AssertionError("the list has no end")


@given(LISTS, st.integers(1, 9), st.integers(1, 9))
def test_every_item_is_on_one_page_newest_first(
    lists: dict[str, list[int]], size: int, most: int
) -> None:
    expected = [
        (-time, name, f"{name}#{n}")
        for name, times in lists.items()
        for n, time in enumerate(times)
    ]  # fmt: skip
    assert pages(lists, size, most) == [row for *_, row in sorted(expected, key=lambda x: x[:2])]


def test_an_unreadable_item_is_counted_where_the_one_after_it_is() -> None:
    def other(part: str, span: Span, after: Place | None, size: int) -> Chunk[str]:
        return Chunk([(Place(5, "a"), "a"), (Place(2, "b"), "b")], None, 3, (1,))

    def short(part: str, span: Span, after: Place | None, size: int) -> Chunk[str]:
        return Chunk([(Place(4, "x"), "x")], Place(4, "x"), 1)

    (part, span), *_ = days(Span(0, 9))
    first = merged({"": other})(part, span, None, 9)
    assert (len(first.rows), first.unreadable) == (2, (1,))
    both = merged({"": other, "donchian": short})(part, span, None, 9)
    assert [row for _, row in both.rows] == ["a", "x"]
    assert both.last == Place(4, "x", strategy="donchian")
    assert (both.unreadable, both.queries) == ((), 2)  # it comes with the next chunk
