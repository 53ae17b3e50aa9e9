"""Stored bars, read from the logs."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signalengine.facts.stream import Bar, BarsFact, PathPoint
from signalengine.intervals import MINUTE_MS
from signalengine.settlement import StoredBar
from signalengine_aws.stores import bars as module
from signalengine_aws.stores.bars import DynamoBars, joined, stored_bar
from signalengine_aws.stores.log.entry import Entry, Reached, pack, unpack
from signalengine_aws.stores.log.groups import DynamoGroups
from signalengine_aws.stores.log.log import DynamoLog
from signalengine_aws.stores.pagination import Span

from tests.aws.folded import store
from tests.aws.market import bars_facts
from tests.aws.positions import T, minute, store_minutes
from tests.aws.world import World
from tests.examples import examples


def reader() -> DynamoBars:
    return DynamoBars("bars_table", "state_table")


def test_minutes_are_those_that_open_in_the_span_in_order(world: World) -> None:
    store_minutes(*(minute("BTCUSDT", number) for number in (0, 1, 3, 5)), minute("ETHUSDT", 2))
    found = reader().minutes("BTCUSDT", T + MINUTE_MS, T + 5 * MINUTE_MS)
    assert [bar.open_time for bar in found] == [T + MINUTE_MS, T + 3 * MINUTE_MS]
    assert reader().minutes("XRPUSDT", T, T + MINUTE_MS) == []


def test_what_came_since_the_last_look_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also before the time of that look, and when a process keeps few of them."""
    monkeypatch.setattr(module, "RETAINED_MS", 4 * MINUTE_MS)
    bars = reader()
    for number in range(10, 22):
        store_minutes(minute("BTCUSDT", number), minute("ETHUSDT", number))
        for since in (number - 2, 12, 10):
            found = bars.minutes("BTCUSDT", T + since * MINUTE_MS, T + 99 * MINUTE_MS)
            opened = [(bar.open_time - T) // MINUTE_MS for bar in found]
            assert opened == list(range(max(10, since), number + 1))


def test_each_entry_is_parsed_once_whatever_is_looked_at(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[bytes] = []

    def counted(data: bytes) -> Entry:
        parsed.append(data)
        return unpack(data)

    def look(symbol: str, since: int) -> int:
        parsed.clear()
        bars.minutes(symbol, T + since * MINUTE_MS, T + 999 * MINUTE_MS)
        return len(parsed)

    monkeypatch.setattr("signalengine_aws.stores.log.log.unpack", counted)
    bars, search = reader(), 2  # the oldest entry and the newest: the times between are estimated
    for number in range(30):
        store_minutes(minute("BTCUSDT", number), minute("ETHUSDT", number))
    assert look("BTCUSDT", 20) <= search + 30
    for number in range(30, 40):
        store_minutes(minute("BTCUSDT", number), minute("ETHUSDT", number))
        assert [look("BTCUSDT", 20), look("ETHUSDT", 25), look("ETHUSDT", 20)] == [1, 0, 0]
    monkeypatch.setattr(module, "RETAINED_MS", 5 * MINUTE_MS)
    assert look("BTCUSDT", 35) == 0
    assert look("BTCUSDT", 35) == 0
    for since in (30, 30):  # before what is kept: that is not read again
        assert 0 < look("BTCUSDT", since) <= search + 40 - 5
    tail = bars._tails[0]
    assert [one.number for one in tail.entries] == [36, 37, 38, 39, 40]


def test_a_stored_bar_has_what_settlement_needs() -> None:
    path = (PathPoint(3, 99.8, 100.0), PathPoint(59, 99.8, 100.2))
    bar = Bar("1m", T, 0.1, 0.30000000000000004, 0.1, 0.2, 1e-9)
    fact = BarsFact("BTCUSDT", (bar,), "live", "ws", T, funding_paid=-0.0001, path=path)
    expected = StoredBar(T, 0.1, 0.30000000000000004, 0.1, 0.2, -0.0001, path)
    assert stored_bar(fact, bar) == expected
    assert stored_bar(None, bar) == StoredBar(T, 0.1, 0.30000000000000004, 0.1, 0.2)


def test_a_stored_bar_has_what_sets_leave_at_its_close(world: World) -> None:
    facts = [minute("BTCUSDT", 0), minute("ETHUSDT", 0), minute("BTCUSDT", 1)]
    DynamoGroups("state_table").add(["BTCUSDT", "ETHUSDT"])
    leaves = {"BTCUSDT": {T + 2 * MINUTE_MS: {"0123456789ab": -1}}}
    entry = Entry(0, T + 2 * MINUTE_MS, {}, facts, leaves=leaves)
    DynamoLog("bars_table").append(0, 1, pack(entry))
    found = [reader().minutes(symbol, T, T + 9 * MINUTE_MS) for symbol in ("BTCUSDT", "ETHUSDT")]
    assert [[bar.leaves for bar in bars] for bars in found] == [
        [None, {"0123456789ab": -1}], [None],
    ]  # fmt: skip


FACTS = {symbol: bars_facts(symbol, 40) for symbol in ("BTCUSDT", "ETHUSDT")}


@given(st.integers(0, 10**6))
@settings(examples(3), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_candles_are_those_of_the_facts_in_whatever_entries_they_came(
    world: World, seed: int
) -> None:
    """One symbol may be far behind the other, and have holes."""
    world.reset()
    chance = random.Random(seed)
    left = {symbol: [*facts] for symbol, facts in FACTS.items()}
    left["BTCUSDT"] = [fact for fact in left["BTCUSDT"] if chance.random() < 0.9]
    whole = {symbol: [*facts] for symbol, facts in left.items()}
    while any(left.values()):
        symbol = chance.choice([one for one, facts in left.items() if facts])
        size = chance.choice((1, 2, 15))
        store(*left[symbol][:size])
        del left[symbol][:size]
    start = FACTS["BTCUSDT"][0].bars[0].open_time
    for interval in ("1m", "5m"):
        for newest in (True, False):
            for symbol, facts in whole.items():
                low, high = sorted(chance.choices(range(45), k=2))
                span, limit = Span(start + low * MINUTE_MS, start + high * MINUTE_MS), 7
                every = [bar for one in facts for bar in one.bars if bar.interval == interval]
                inside = [bar for bar in every if span.start <= bar.open_time < span.end]
                expected = inside[-limit:] if newest else inside[:limit]
                found = reader().candles(symbol, interval, span, limit, newest=newest)
                assert found == (expected, 0)


def test_an_entry_that_cannot_be_read_is_counted(world: World) -> None:
    store(*FACTS["BTCUSDT"][:3])
    DynamoLog("bars_table").append(0, 2, b"of another version")
    span = Span(0, FACTS["BTCUSDT"][9].close_time)
    for newest in (True, False):
        found, unreadable = reader().candles("BTCUSDT", "1m", span, 9, newest=newest)
        assert (len(found), unreadable) == (3, 1)
    assert len(reader().minutes("BTCUSDT", 0, span.end)) == 3


def test_a_bar_is_found_behind_many_entries_of_other_symbols(world: World) -> None:
    groups, log, bar = DynamoGroups("state_table"), DynamoLog("bars_table"), minute("ETHUSDT", 0)
    groups.add(["BTCUSDT", "ETHUSDT"])
    for number in range(1, 61):
        facts = (bar,) if number == 30 else ()
        log.append(0, number, pack(Entry(0, T + MINUTE_MS, {}, facts)))
    for newest in (True, False):
        span = Span(T - MINUTE_MS, T + 5 * MINUTE_MS)
        assert reader().candles("ETHUSDT", "1m", span, 1, newest=newest) == ([bar.bars[0]], 0)


def test_a_symbol_without_bars_costs_a_bounded_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MIN_ITEMS", 20)
    groups, log = DynamoGroups("state_table"), DynamoLog("bars_table")
    groups.add(["BTCUSDT", "ETHUSDT"])
    late = minute("ETHUSDT", 0)
    for number in range(1, 40):
        log.append(0, number, pack(Entry(0, T + number, {"BTCUSDT": Reached(0, 0)})))
    log.append(0, 40, pack(Entry(0, late.close_time, {}, (late,))))
    assert reader().candles("ETHUSDT", "1m", Span(0, T + 1), 2, newest=False) == ([], 0)
    assert reader().candles("BTCUSDT", "1m", Span(0, T), 2, newest=False) == ([], 0)
    assert reader().candles("XRPUSDT", "1m", Span(0, T), 2, newest=True) == ([], 0)


def test_spans_read_together_have_the_bars_that_each_has_alone(world: World) -> None:
    for number in range(0, 30, 3):
        minutes = range(number, number + 3)
        store_minutes(*(minute("BTCUSDT", n) for n in minutes))
        store_minutes(*(minute("ETHUSDT", n) for n in minutes if n % 7 != 3))
    chance = random.Random(7)
    asked = [(0, 1), (2, 1), (2, 4), (28, 5)] + [
        (chance.randrange(30), chance.randrange(1, 20)) for _ in range(6)
    ]
    wanted = [
        (symbol, Span(T + since * MINUTE_MS, T + (since + count) * MINUTE_MS))
        for since, count in asked
        for symbol in ("BTCUSDT", "ETHUSDT", "XRPUSDT")
    ]
    alone = [reader().minutes(symbol, span.start, span.end) for symbol, span in wanted]
    for count in (1, 4, 5, len(wanted)):
        assert reader().over(wanted[:count]) == alone[:count]


def test_spans_that_overlap_are_read_as_one() -> None:
    lives = [("B", Span(5, 9)), ("A", Span(0, 5)), ("A", Span(20, 30)), ("C", Span(21, 22))]
    assert list(joined(lives)) == [({"A", "B"}, Span(0, 9)), ({"A", "C"}, Span(20, 30))]
    assert list(joined([])) == []
