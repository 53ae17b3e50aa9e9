"""A strategy's backtest is live: the same decisions, signals and outcomes, bit for bit."""

from dataclasses import replace

import pytest
from signalengine.errors import StrategyError
from signalengine.intervals import MINUTE_MS
from signalengine.signals import Verdict
from signalengine.strategy.loading import load_text
from signalengine.strategy.sets import StrategySet, set_of

from research.audit import parity_set, repaint_set
from research.backtest.feed import feed_of_facts
from research.backtest.strategy_run import run_sets, simulate_set, simulate_set_market
from tests.research.backtest.sets import CHANNEL_5M, channel, live_set, mixed, short_donchian
from tests.research.backtest.walks import START, TICKS, facts_of, walk

pytestmark = pytest.mark.slow  # numba compiles

HOLES = frozenset(range(4310, 4317))
"""Of one symbol."""


@pytest.mark.parametrize(
    ("one", "ticks"),
    [
        (channel(), (0.1,)),
        (short_donchian(), (0.1,)),
        (mixed(), TICKS),
        (mixed("stops", "open_signals"), (0.1,)),
    ],
    ids=["channel", "donchian", "mixed", "mixed, protected"],
)
def test_the_compiled_run_is_live(one: StrategySet, ticks: tuple[float | None, ...]) -> None:
    tables = [walk(3, 4900, HOLES), replace(walk(4, 4900), symbol="ETHUSDT")]
    streams = {table.symbol: list(facts_of(table, 4000, ticks)) for table in tables}
    decisions, signals = live_set(streams, one)

    assert parity_set(streams, decisions, signals, one) == []
    assert len(signals) >= 20
    assert {s.settlement.outcome.value for s in signals if s.settlement} >= {"sl_hit", "tp_hit"}
    seen = {d.verdict for d in decisions}
    assert Verdict.EMITTED in seen
    assert Verdict.GAP in seen
    assert Verdict.COOLDOWN in seen
    assert not one.protections.on or Verdict.PROTECTED in seen


def test_reasons_and_partial_fills_are_those_of_live() -> None:
    """Reasons are not compared by an audit: here they are."""
    stream = list(facts_of(walk(4, 4900), 4000))
    decisions, signals = live_set({"BTCUSDT": stream}, mixed())

    (run,) = run_sets([feed_of_facts(stream)], mixed())

    assert [d.reason for d in run.decisions] == [d.reason for d in decisions]
    assert any(s.settlement and len(s.settlement.fills) > 1 for s in run.signals)
    assert any(s.settlement and s.settlement.outcome == "left" for s in run.signals)
    assert len(signals) == len(run.signals)


def test_one_signal_of_a_symbol_is_open_at_a_time() -> None:
    (run,) = simulate_set_market([walk(3, 4900)], channel(), start=START + 4000 * MINUTE_MS)

    ends = [s.settlement.closed_at if s.settlement else s.expires_at for s in run.signals]
    assert len(ends) >= 10
    assert all(b.close_time >= end for b, end in zip(run.signals[1:], ends, strict=False))
    waiting = [d for d in run.decisions if d.reason.endswith("is open")]
    assert waiting
    assert {d.verdict for d in waiting} == {Verdict.COOLDOWN}


def test_nothing_repaints_and_a_look_ahead_is_found() -> None:
    done = simulate_set(walk(3, 4500), channel(), start=START + 4000 * MINUTE_MS)
    assert len(done.signals) >= 5
    assert repaint_set(done) == []

    late = replace(done, decisions=tuple(replace(d, price=d.price + 0.1) for d in done.decisions))
    assert {one.field for one in repaint_set(late)} == {"price"}


def test_bars_before_the_start_only_warm_up() -> None:
    start = START + 4000 * MINUTE_MS
    table = walk(3, 4500)

    done = simulate_set(table, channel(), start=start)

    assert min(d.close_time for d in done.decisions) >= start
    assert done.verdicts.get("not_warm") is None
    assert done.table is table
    assert (done.start, done.end) == (start, START + 4500 * MINUTE_MS)
    assert simulate_set(table, channel()).verdicts["not_warm"] > 0


def test_what_a_backtest_does_not_have_is_refused() -> None:
    text = CHANNEL_5M.replace('every="5m"', 'on_events=True, every="5m"')

    with pytest.raises(StrategyError, match="events of the shared fold"):
        run_sets([], set_of(load_text(text, "channel.py")))


def test_a_strategy_that_compares_symbols_needs_a_market() -> None:
    ranked = 'RANK = V.rank("rank", of=PRICE)\nTOP = V.price("top"'
    text = CHANNEL_5M.replace('TOP = V.price("top"', ranked)

    with pytest.raises(StrategyError, match="compares symbols"):
        simulate_set(walk(3, 4100), set_of(load_text(text, "channel.py")))
