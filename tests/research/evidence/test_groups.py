"""Groups have every signal once; ranks read only the days before."""

import numpy as np
import pytest
from signalengine.intervals import DAY_MS

from research.evidence.groups import by_period, by_volume, by_year, daily_volume, together
from research.evidence.phases import measure
from research.simulations.verdicts import BEGIN, pulse
from research.statistics.intervals import DayBootstrap
from tests.research.evidence.samples import SPANS, short_market


@pytest.fixture(scope="module")
def tables():
    return short_market()


@pytest.fixture(scope="module")
def phases(tables):
    names = ("design", "validation")
    spans = zip(names, SPANS.each(), strict=False)
    return [measure(name, span, tables, pulse(), 1, draws=50) for name, span in spans]


@pytest.fixture(scope="module")
def trades(phases):
    return together(phases)


@pytest.fixture(scope="module")
def draws(trades):
    return DayBootstrap.of_trades(trades)


def test_several_spans_are_one_set(phases, trades):
    assert len(trades) == sum(len(phase.trades) for phase in phases)
    assert trades.net.sum() == sum(phase.trades.net.sum() for phase in phases)
    assert len(trades.days) == 12


def test_periods_follow_each_other_and_leave_out_what_reaches_over(trades, draws):
    start, end = SPANS.design[0], SPANS.validation[1]
    rows = by_period(trades, draws, start, end)
    assert len(rows) == 6
    edges = np.linspace(start, end, 7)
    crossing = sum(
        any(s.close_time < edge < s.expires_at for edge in edges) for s in trades.signals
    )
    assert sum(row.n for row in rows) == len(trades) - crossing


def test_years_are_those_of_the_entries(trades, draws):
    (row,) = by_year(trades, draws)
    assert (row.label, row.n) == ("2025", len(trades))


def test_symbols_are_ranked_by_volume(trades, draws, tables):
    rows = {row.label: row.n for row in by_volume(trades, draws, tables)}
    assert sum(rows.values()) == len(trades)
    assert set(rows) <= {"1", "2–5"}
    alone = {row.label: row.n for row in by_volume(trades, draws, tables[:1])}
    assert alone["unknown"] == sum(s.symbol == "BBBUSDT" for s in trades.signals)


def test_the_volume_of_the_entrys_day_is_not_read(trades, draws, tables):
    first = by_volume(trades, draws, tables)
    day = max(s.close_time for s in trades.signals) // DAY_MS * DAY_MS
    cut = [table.between(None, day) for table in tables]
    assert [(row.label, row.n) for row in by_volume(trades, draws, cut)] == [
        (row.label, row.n) for row in first
    ]


def test_volume_is_summed_by_day(tables):
    volume = daily_volume(tables[0])
    assert len(volume) == 20
    assert sum(volume.values()) == pytest.approx(float(tables[0].quote_volume.sum()))
    assert min(volume) == BEGIN // DAY_MS
    assert daily_volume(tables[0].between(None, BEGIN)) == {}
