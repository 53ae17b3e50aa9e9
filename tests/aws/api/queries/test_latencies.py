"""Histograms of latencies: what is counted, and that Prometheus sees each receipt once."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine_aws.api.queries import latencies
from signalengine_aws.api.queries.latencies import (
    AGAIN_MS,
    BUCKETS_S,
    CLOSE_TO_COMMIT,
    COMMIT_TO_DELIVERY,
    COMMIT_TO_PUBLICATION,
    EMPTY_MS,
    GRACE_MS,
    LATE_MS,
    PUBLICATION_TO_DELIVERY,
    SETTLED_MS,
    Histogram,
    Latencies,
    Series,
    histograms,
)
from signalengine_aws.delivery.deliveries import Delivery, Status
from signalengine_aws.stores.pagination import Chunk, Place, Span
from signalengine_aws.stores.signals import StoredSignal

from tests.aws.positions import signal
from tests.examples import examples

MIDNIGHT: Final = 20_000 * DAY_MS
OPEN: Final = signal("BTCUSDT")


def receipt(channel: str = "telegram:1", *, sent_at: int = 0, commit: int | None = 400) -> Delivery:
    return Delivery(
        "a#opened",
        channel,
        0,
        status=Status.DELIVERED,
        sent_at=sent_at,
        close_latency_ms=900,
        commit_latency_ms=commit,
        publish_latency_ms=350,
    )


_NO: Final[frozenset[str]] = frozenset()


class Stored:
    """Openings by their close, and their receipts, which come at wall times."""

    def __init__(self) -> None:
        self.closes: dict[str, int] = {}
        self.receipts: dict[str, list[Delivery]] = {}
        self.stored_at: dict[str, int] = {}
        self.now = MIDNIGHT
        self.read: list[str] = []
        self.asked: list[Span] = []

    def open(self, close_time: int, *receipts: Delivery) -> str:
        name = f"s{len(self.closes)}"
        self.closes[name] = close_time
        self.receipts[name] = list(receipts)
        return name

    def of_day(
        self, _day: str, span: Span, _after: Place | None, limit: int
    ) -> Chunk[StoredSignal]:
        self.asked.append(span)
        found = sorted(
            (at, name)
            for name, at in self.closes.items()
            if at in span and self.stored_at.get(name, at) <= self.now
        )[::-1]
        rows = [
            (Place(at, name), StoredSignal(replace(OPEN, signal_id=name), self._changed(name), _NO))
            for at, name in found[:limit]
        ]
        more = len(found) > limit
        return Chunk(rows, rows[-1][0] if more else None, len(rows))

    def _changed(self, name: str) -> int:
        """Return the last change: after three hours the signal is closed."""
        at = self.stored_at.get(name, self.closes[name])
        closed = at + 180 * MINUTE_MS
        return closed if closed <= self.now else at

    def of(self, event_id: str) -> list[Delivery]:
        name = event_id.removesuffix("#opened")
        self.read.append(name)
        return [one for one in self.receipts[name] if (one.sent_at or 0) <= self.now]


Reader = Callable[[int], Mapping[Series, Histogram]]


@pytest.fixture
def stored() -> Stored:
    return Stored()


def reader(stored: Stored) -> Reader:
    found = Latencies(stored.of_day, stored.of, ThreadPoolExecutor(1), clock=lambda: stored.now)

    def read(watermark: int) -> Mapping[Series, Histogram]:
        stored.now = watermark
        return found.read(watermark, live=True)

    return read


def count(found: Mapping[Series, Histogram], hop: str, channel: str = "") -> int:
    return sum(found[hop, channel].counts)


def test_a_time_on_a_bound_is_not_above_it() -> None:
    found = Histogram()
    for ms in (1_000, 1_001, 400_000, -5):
        found.add(ms)
    by_bound = dict(found.cumulated())
    assert (by_bound[0.1], by_bound[1.0], by_bound[2.0]) == (1, 2, 3)
    assert (by_bound[300.0], by_bound[float("inf")]) == (3, 4)
    assert found.sum == 402.001


@given(st.lists(st.integers(0, 1_000_000)))
def test_each_bucket_has_the_times_up_to_its_bound(times: list[int]) -> None:
    found = Histogram()
    for ms in times:
        found.add(ms)
    assert [n for _, n in found.cumulated()] == [
        sum(ms <= bound * 1000 for ms in times) for bound in (*BUCKETS_S, float("inf"))
    ]


def test_hops_before_a_delivery_are_counted_once_a_signal() -> None:
    later = replace(receipt("telegram:2", sent_at=9), publish_latency_ms=100)
    found = histograms([[later, receipt()], [receipt("ntfy:a")]], live=True, now=DAY_MS)
    assert count(found, CLOSE_TO_COMMIT) == count(found, COMMIT_TO_PUBLICATION) == 2
    assert found[COMMIT_TO_PUBLICATION, ""].sum == pytest.approx(0.1)  # the first receipt's
    assert count(found, COMMIT_TO_DELIVERY, "telegram") == 2
    assert count(found, PUBLICATION_TO_DELIVERY, "ntfy") == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(receipt(), digest="d"),
        replace(receipt(), status=Status.FAILED),
        Delivery("a#opened", "telegram:1", 0),
    ],
    ids=["in a digest", "failed", "waiting"],
)
def test_only_what_was_delivered_at_once_is_counted(other: Delivery) -> None:
    found = histograms([[other]], live=True, now=DAY_MS)
    assert [sum(one.counts) for one in found.values()] == [0] * len(found)
    assert (COMMIT_TO_DELIVERY, "telegram") in found  # a counter begins at zero


def test_a_replay_has_no_times_from_a_bars_close() -> None:
    found = histograms([[receipt()]], live=False, now=DAY_MS)
    assert not [hop for hop, _ in found if hop == CLOSE_TO_COMMIT]
    assert count(found, COMMIT_TO_DELIVERY, "telegram") == 1


def test_a_receipt_without_a_time_counts_nothing() -> None:
    found = histograms(
        [[replace(receipt(commit=None), publish_latency_ms=None)]], live=True, now=DAY_MS
    )
    assert sum(sum(one.counts) for one in found.values()) == 0


def test_what_is_final_is_read_once(stored: Stored) -> None:
    read = reader(stored)
    old, new = stored.open(MIDNIGHT + MINUTE_MS, receipt()), stored.open(MIDNIGHT + AGAIN_MS)
    at = MIDNIGHT + 2 * AGAIN_MS
    assert count(read(at), COMMIT_TO_DELIVERY, "telegram") == 1
    stored.read.clear()
    stored.receipts[new].append(receipt(sent_at=at))
    assert count(read(at), COMMIT_TO_DELIVERY, "telegram") == 2
    assert stored.read == [new]
    assert old not in stored.read
    assert stored.asked[-1].start > MIDNIGHT  # the list, too, is read from where it ended


def test_a_day_with_too_many_openings_has_none(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latencies, "MOST", 3)
    read = reader(stored)
    for n in range(4):
        stored.open(MIDNIGHT + n * MINUTE_MS, receipt())
        found = read(MIDNIGHT + GRACE_MS + EMPTY_MS)
        assert bool(found) == (n < 3)
    assert found == {}


def test_a_market_that_goes_back_begins_again(stored: Stored) -> None:
    read = reader(stored)
    stored.open(MIDNIGHT + 60 * MINUTE_MS, receipt())
    assert count(read(MIDNIGHT + 120 * MINUTE_MS), COMMIT_TO_DELIVERY, "telegram") == 1
    stored.closes.clear()
    assert count(read(MIDNIGHT + 90 * MINUTE_MS), COMMIT_TO_DELIVERY, "telegram") == 0


def scraped(values: list[int]) -> int:
    """Return a counter's increase as Prometheus computes it: a lower value is a reset."""
    pairs = pairwise(values)
    return sum(after - before if after >= before else after for before, after in pairs)


SCRAPES: Final = sorted(
    {
        *range(MIDNIGHT - DAY_MS + GRACE_MS, MIDNIGHT + DAY_MS, 60 * MINUTE_MS),
        *(
            at
            for day in (MIDNIGHT, MIDNIGHT + DAY_MS)
            for at in range(day - 2 * MINUTE_MS, day + GRACE_MS + 5 * MINUTE_MS, MINUTE_MS)
        ),
    }
)
"""Two days and their ends: each minute around the resets, and each hour between."""
openings = st.lists(
    st.tuples(
        st.integers(-DAY_MS + GRACE_MS, DAY_MS - 1) | st.integers(-DAY_MS // 100, GRACE_MS),
        st.integers(0, GRACE_MS // 2),
    ),
    max_size=12,
)


@examples(30)
@given(openings)
def test_prometheus_counts_each_receipt_once(found: list[tuple[int, int]]) -> None:
    """However many a day has, and also at its end, a counter's increase is their number."""
    stored = Stored()
    for after_midnight, took in found:
        close = MIDNIGHT + after_midnight - after_midnight % MINUTE_MS
        stored.open(close, receipt(sent_at=close + took))
    read = reader(stored)
    values = [count(read(at), COMMIT_TO_DELIVERY, "telegram") for at in SCRAPES]
    assert values[0] == 0
    assert scraped(values) == len(found)


def test_a_reset_would_be_missed_without_the_empty_minutes(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One receipt on the first day, two in the first minutes of the next: 1, then 2."""
    for close in (-60 * MINUTE_MS, MINUTE_MS, 2 * MINUTE_MS):
        stored.open(MIDNIGHT + close, receipt(sent_at=MIDNIGHT + close))
    seen = {}
    for empty in (EMPTY_MS, 0):
        monkeypatch.setattr(latencies, "EMPTY_MS", empty)
        read = reader(stored)
        values = [count(read(at), COMMIT_TO_DELIVERY, "telegram") for at in SCRAPES]
        seen[empty] = scraped(values)
    assert seen == {EMPTY_MS: 3, 0: 2}


arrivals = st.lists(
    st.tuples(
        st.integers(1, 300),  # minute of the close
        st.integers(0, 2 * LATE_MS),  # from the close to the commit
        st.lists(st.tuples(st.integers(0, 2 * AGAIN_MS), st.sampled_from("ab")), max_size=3),
    ),
    max_size=6,
)


def delivered(channel: str, close: int, commit: int, sent: int) -> Delivery:
    return replace(
        receipt(channel, sent_at=sent, commit=sent - commit),
        close_latency_ms=sent - close,
        publish_latency_ms=(sent - commit) // 2,
    )


@examples(40)
@given(arrivals)
def test_each_process_gives_the_same_and_nothing_falls_in_a_day(
    arrived: list[tuple[int, int, list[tuple[int, str]]]],
) -> None:
    """One process that reads every twelve minutes, one every hour, and new ones."""
    stored = Stored()
    for minute, after, receipts in arrived:
        close = MIDNIGHT + minute * MINUTE_MS
        sent = [(close + after + took, f"discord:{one}") for took, one in receipts]
        name = stored.open(close, *(delivered(one, close, close + after, at) for at, one in sent))
        stored.stored_at[name] = close + after
    often, seldom = reader(stored), reader(stored)
    before: Mapping[Series, Histogram] = {}
    for minute in range(12, 600, 12):
        at = MIDNIGHT + minute * MINUTE_MS
        found = often(at)
        assert reader(stored)(at) == found
        assert minute % 60 != 12 or seldom(at) == found
        for series, last in before.items():
            assert all(
                n >= m
                for (_, n), (_, m) in zip(found[series].cumulated(), last.cumulated(), strict=True)
            )
            assert found[series].sum_ms >= last.sum_ms
        before = found


@pytest.mark.parametrize("late", [0, 1])
def test_a_late_delivery_or_signal_counts_in_no_process(stored: Stored, late: int) -> None:
    close = MIDNIGHT + MINUTE_MS
    stored.open(close, delivered("discord:a", close, close, close + AGAIN_MS + late))
    second = stored.open(close, delivered("ntfy:a", close, close + LATE_MS + late, 2 * close))
    stored.receipts[second] = [
        delivered("ntfy:a", close, close + LATE_MS + late, close + LATE_MS + late)
    ]
    stored.stored_at[second] = close + LATE_MS + late
    read = reader(stored)
    read(MIDNIGHT + 13 * MINUTE_MS)
    for minute in (17, 63, 75, 130, 300):
        at = MIDNIGHT + minute * MINUTE_MS
        found = read(at)
        assert reader(stored)(at) == found
    assert count(found, COMMIT_TO_DELIVERY, "discord") == 1 - late
    assert count(found, COMMIT_TO_DELIVERY, "ntfy") == 1 - late


def test_a_replay_counts_signals_however_late_they_are_stored(stored: Stored) -> None:
    """Its market's clock says nothing of wall time, so its list is read whole each time."""
    found = Latencies(stored.of_day, stored.of, ThreadPoolExecutor(1), clock=lambda: stored.now)
    stored.now = MIDNIGHT + 100 * MINUTE_MS
    found.read(stored.now, live=False)
    stored.open(MIDNIGHT + MINUTE_MS, receipt())
    seen = found.read(stored.now, live=False)
    assert count(seen, COMMIT_TO_DELIVERY, "telegram") == 1


def test_the_first_receipt_is_chosen_when_no_earlier_one_can_come() -> None:
    """The second was sent first, and stored last."""
    at = MIDNIGHT
    stored_first = replace(receipt(sent_at=at + 40_000, commit=40_000), publish_latency_ms=10)
    stored_last = replace(receipt("discord:a", sent_at=at, commit=0), publish_latency_ms=0)
    early = histograms([[stored_first]], live=True, now=at + SETTLED_MS - 1)
    assert count(early, COMMIT_TO_PUBLICATION) == 0
    assert count(early, COMMIT_TO_DELIVERY, "telegram") == 1
    found = histograms([[stored_first, stored_last]], live=True, now=at + SETTLED_MS)
    assert found[COMMIT_TO_PUBLICATION, ""].sum == 0
