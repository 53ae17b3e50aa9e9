"""The tables of how signals ended: every signal counted once, every target where it was reached."""

import pytest
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.signals import Fill, Outcome, Signal

from research.backtest.strategy_run import StrategyRun, simulate_set
from research.reports import endings
from research.reports.charts import held_in
from research.reports.formatting import fill_name
from research.reports.page import report
from research.statistics.conclusion import conclude
from research.statistics.entries import span_of
from research.statistics.trades import Trades, trades_of
from tests.research.backtest.sets import mixed
from tests.research.backtest.trailing import trailing
from tests.research.backtest.walks import START, walk
from tests.research.reports.pages import Read
from tests.research.statistics.made import at_random, made_run

pytestmark = pytest.mark.slow  # numba compiles

TABLE = walk(5, 20_000)


def trades(run: StrategyRun) -> Trades:
    return trades_of(run.signals, [span_of(run)])


def exit_of(signal: Signal) -> float:
    assert signal.settlement is not None
    return signal.settlement.exit_price


@pytest.fixture(scope="module")
def parted() -> StrategyRun:
    """Signals with two targets, a break-even stop and a way out."""
    return simulate_set(TABLE, mixed(), start=START + 11 * DAY_MS)


@pytest.fixture(scope="module")
def coarse() -> StrategyRun:
    """Signals whose stop trails, on bars of 15m."""
    return simulate_set(TABLE.resample("15m"), trailing())


def test_every_signal_is_in_one_row_by_its_outcome(parted: StrategyRun) -> None:
    found = trades(parted)
    text = Read(str(endings.by_outcome(found))).words
    counts = {o: found.outcomes[o] for o in Outcome if found.outcomes[o]}
    assert len(counts) >= 3
    assert sum(counts.values()) == len(found)
    assert [word for word in text if word in {str(n) for n in counts.values()}] == [
        str(n) for n in counts.values()
    ]


def test_targets_are_counted_where_they_were_reached(parted: StrategyRun) -> None:
    found = trades(parted)
    reached = [sorted(endings.reached_by(end)) for end in found.settlements]
    first = sum(0 in one for one in reached)
    second = sum(1 in one for one in reached)
    assert first > second > 0
    assert all(one in ([], [0], [0, 1]) for one in reached)
    won = [end.outcome is Outcome.TP_HIT for end in found.settlements]
    assert won == [1 in one for one in reached]

    text = " ".join(Read(str(endings.by_target(found))).words)
    assert f"target 1 {len(found)} {first} " in text
    assert f"target 2 {len(found)} {second} " in text


def test_a_stop_that_had_moved_is_told_from_the_first_one(parted: StrategyRun) -> None:
    """After the first target the stop is at the entry, or filled beyond it at a bar's open."""
    moved = [s for s in parted.signals if endings.stop_moved(s)]
    assert moved
    for signal in moved:
        assert signal.settlement is not None
        assert signal.settlement.fills[0].name == "target1"
        first, last = (abs(x - signal.entry_price) for x in (signal.sl_price, exit_of(signal)))
        assert last < first
    assert any(exit_of(signal) == signal.entry_price for signal in moved)


def test_a_bracket_has_no_table_of_targets() -> None:
    run = made_run(at_random(40), days=9)
    found = trades_of(run.signals, [span_of(run)])
    assert "Targets and stops" not in str(endings.tables(found))
    assert [len(endings.targets_of(s)) for s in found.signals] == [1] * len(found)
    hits = sum(len(list(endings.reached_by(end))) for end in found.settlements)
    assert hits == found.outcomes[Outcome.TP_HIT] > 0


def test_the_page_of_signals_in_parts_reads_right(parted: StrategyRun) -> None:
    text = Read(report("Parts", [parted], conclude([parted], draws=50))).text
    for words in (
        "Targets and stops", "target 1", "SL hit after target 1", "left after target 1", "TP 2",
        "Every close at which the strategy would enter", "random closes of 15m",
        "time limit 1 h 30 min", "tick size", "held", "1 h 15 min",
    ):  # fmt: skip
        assert words in text, words
    assert "coarse" not in text.lower()


def test_the_page_of_longer_bars_is_marked(coarse: StrategyRun) -> None:
    found = conclude([coarse], draws=50)
    text = Read(report("Coarse", [coarse], found)).text
    assert "15m bars" in text
    assert "coarse: settled by 15m bars" in text
    assert "Coarse: signals were settled by 15m bars, not by 1m bars." in text
    assert "1m bars warm" not in text
    assert "a stop that had moved" in text
    assert "gap" not in text
    assert found.to_dict()["coarse"] == "15m"


def test_times_from_entry_to_end_have_a_unit_that_suits_them(coarse: StrategyRun) -> None:
    found = trades(coarse)
    longest = int((found.closed - found.entered).max())
    assert held_in(found) == (
        ("minutes", MINUTE_MS) if longest < 300 * MINUTE_MS else ("hours", 60 * MINUTE_MS)
    )
    assert held_in(Trades((), ())) == ("minutes", MINUTE_MS)


def test_a_fill_is_named() -> None:
    assert fill_name(Fill("target2", 0, 1.0, 0.5)) == "target 2"
    assert fill_name(Fill("expiry", 0, 1.0, 0.5)) == "expiry"
