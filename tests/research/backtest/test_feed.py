"""Facts laid out for the compiled loop: repeated ones change nothing, mixed ones are refused."""

from dataclasses import replace

import numpy as np
import pytest
from signalengine.facts.stream import HistoryFact
from signalengine.flows import FUNDING_EXTREME
from signalengine.intervals import MINUTE_MS
from signalengine.policy import default_policy

from research.backtest.feed import feed_of_longer, feed_of_table
from research.backtest.kernel import BAR_FIELDS, BESIDE_FIELDS
from research.backtest.run import run, run_facts
from research.data.errors import DataError
from research.data.series import Steps
from research.features.snapshots import snapshots
from tests.research.backtest.walks import EAGER, START, facts_of, walk


def test_facts_that_came_twice_change_nothing() -> None:
    facts = list(facts_of(walk(1, 4600), 4000))
    again = [fact for fact in facts for _ in range(2)]
    once, twice = run_facts(facts, EAGER), run_facts(again, EAGER)
    assert np.array_equal(once.decision_rows, twice.decision_rows, equal_nan=True)
    assert once.signals == twice.signals


def test_facts_of_two_symbols_are_refused() -> None:
    facts = [HistoryFact("BTCUSDT", "1m", (), "live"), HistoryFact("ETHUSDT", "1m", (), "live")]
    with pytest.raises(DataError, match="one symbol"):
        run_facts(facts)


def test_each_longer_bar_settles_at_the_close_of_its_row() -> None:
    table = walk(2, 6000).resample("15m")
    feed = feed_of_longer(table, START + 1000 * MINUTE_MS)  # inside a bar: it only warms up
    assert feed.coarse == "15m"
    assert np.array_equal(feed.settling[:, 0] + feed.length_ms, feed.bars[:, 0] + MINUTE_MS)
    assert np.array_equal(feed.settling[:, 4], feed.bars[:, 4])
    assert feed.settling[0, 0] == START + 1005 * MINUTE_MS
    assert feed.warm[2][-1, 0] == START + 990 * MINUTE_MS
    with pytest.raises(DataError, match="no bars from 2026"):
        feed_of_longer(table, "2026-01-01")


def test_funding_within_a_longer_bar_is_in_its_row() -> None:
    """Three payments of eight hours end in a bar of a day; the first one was due at its open."""
    minutes = walk(2, 2 * 1440)
    due = {START + n * 8 * 3_600_000: 1e-4 * (n + 1) for n in range(7)}
    table = replace(minutes, funding=Steps.of(due.items())).resample("1d")
    assert feed_of_longer(table).funding_paid.tolist() == pytest.approx([9e-4, 18e-4])


@pytest.mark.parametrize("start", [None, START + 1000 * MINUTE_MS])
def test_nothing_beside_the_minutes_is_unknown_at_each(start: int | None) -> None:
    table = walk(3, 4600, frozenset(range(4000, 4003)) | frozenset(range(4100, 4130)))
    feed = feed_of_table(table, start)
    assert feed.beside.shape == (len(feed), len(BESIDE_FIELDS))
    assert [len(column) for column in feed.known] == [1] * len(BESIDE_FIELDS)
    spelled = replace(feed, beside=np.array(feed.beside))
    assert len(spelled.known[0]) == len(feed)
    once, again = run(feed, EAGER), run(spelled, EAGER)
    for name in ("decision_rows", "event_rows", "signal_rows", "outcome_rows"):
        assert getattr(once, name).tobytes() == getattr(again, name).tobytes()
    assert len(once.decision_rows) > 100
    assert snapshots(feed, EAGER).tobytes() == snapshots(spelled, EAGER).tobytes()


def test_one_minute_has_what_lies_beside_it() -> None:
    table = walk(3, 1501)
    first = table.end - MINUTE_MS
    known = replace(table, funding_rate=Steps.of([(table.end, 0.01)]))
    (event,) = run(feed_of_table(known, first), default_policy()).event_rows
    assert event[0] == FUNDING_EXTREME
    assert not len(run(feed_of_table(table, first), default_policy()).event_rows)


def test_columns_of_a_table_are_not_copied() -> None:
    table = walk(3, 300)
    feed = feed_of_table(table, START + 100 * MINUTE_MS)
    for column, name in zip(feed.columns[1:6], BAR_FIELDS[1:6], strict=True):
        assert np.shares_memory(column, getattr(table, name))
    assert [column.tobytes() for column in feed.columns] == [x.tobytes() for x in feed.bars.T]


def test_minutes_settle_themselves() -> None:
    feed = feed_of_table(walk(2, 300))
    assert feed.coarse is None
    assert feed.settling is feed.bars
    assert feed.length_ms == MINUTE_MS
