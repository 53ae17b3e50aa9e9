"""A strategy's backtest is live: the same decisions, signals and outcomes, bit for bit."""

from dataclasses import replace
from functools import cache
from importlib.resources import files

import pytest
from signalengine.errors import StrategyError
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.signals import Signal, Verdict
from signalengine.strategy.loading import load_shipped, load_text
from signalengine.strategy.sets import StrategySet, set_of

from research.audit import absent_of, compared, parity_set, repaint_market, repaint_set
from research.backtest.feed import feed_of_facts
from research.backtest.strategy_run import StrategyRun, run_sets, simulate_set, simulate_set_market
from tests.research.backtest.sets import CHANNEL_5M, channel, live_set, mixed, short_donchian
from tests.research.backtest.walks import START, TICKS, facts_of, walk
from tests.research.backtest.weeks import SUNDAY, plain, until, weeks

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
    one = set_of(load_text(text, "channel.py"))

    with pytest.raises(StrategyError, match="events of the shared fold"):
        run_sets([], one)


# --- strategies that compare symbols --------------------------------------------------------------

MORE = {"parameters": {"share": 0.3}}
"""Three of eight symbols a side."""
MOMENTUM = set_of(load_shipped("momentum"), MORE)
LEAVING = set_of(
    load_text(
        files("signalengine.strategies").joinpath("momentum.py").read_text()
        + "\n\ndef leave(v: Numbers, f: Numbers, side: float, p: Numbers) -> bool:\n"
        + "    return side * v[RETURN] < 0.0\n",
        "momentum.py",
    ),
    MORE,
)
COMPARING = {"momentum": MOMENTUM, "leaving": LEAVING}
MARKET = weeks(3)


@cache
def run_of(name: str) -> list[StrategyRun]:
    return run_sets(MARKET, COMPARING[name])


@pytest.mark.parametrize("name", COMPARING)
def test_symbols_compared_in_plain_python_are_the_compiled_run(name: str) -> None:
    one = COMPARING[name]
    found = list(plain(MARKET, one))
    runs = run_of(name)
    decisions = [d for symbol in found for d in symbol.decisions]
    signals = [s for symbol in found for s in symbol.outcomes]

    assert compared(runs, decisions, signals) == []
    assert len(decisions) == 4 * len(MARKET)
    assert len(signals) >= 20
    assert {s.direction for s in signals} == {"long", "short"}
    closed = [s.settlement.closed_at for s in signals if s.settlement]
    left = [s for s in signals if s.settlement and s.settlement.outcome == "left"]
    assert bool(left) == (one is LEAVING)
    assert len(closed) > 10
    mondays = {(s.settlement.closed_at - SUNDAY - DAY_MS) % (7 * DAY_MS) == 0 for s in left
               if s.settlement}  # fmt: skip
    assert one is MOMENTUM or False in mondays  # it leaves on any day


def test_a_market_does_not_repaint_and_one_symbol_alone_has_no_ranks() -> None:
    runs = run_sets(weeks(1), MOMENTUM)
    assert repaint_market(runs) == []
    late = [replace(runs[0], decisions=tuple(
        replace(d, across={"rank": 0.5}) for d in runs[0].decisions)), *runs[1:]]  # fmt: skip
    assert {found.field for found in repaint_market(late)} == {"across.rank"}
    alone = repaint_market(runs[:1])
    assert {found.field for found in alone} >= {"across.rank"}


def test_a_young_symbol_is_outside_until_it_is_old_enough() -> None:
    first, *others = run_sets(weeks(3, young=1), MOMENTUM)
    outside = ["not in the strategy's universe" in d.reason for d in first.decisions]
    assert outside == [True, True, True, False]
    assert [d.across["rank"] is None for d in first.decisions] == outside
    assert not any("universe" in d.reason for run in others for d in run.decisions)


def test_what_a_live_close_did_not_know_is_repeated() -> None:
    whole = run_of("momentum")
    time = whole[0].decisions[2].close_time
    names = tuple(run.symbol for run in whole[5:])
    absent = {(run.symbol, time): names for run in whole[:5]}
    again = run_sets(MARKET, MOMENTUM, absent=absent)

    for before, after in zip(whole, again, strict=True):
        changed = [a for a, b in zip(after.decisions, before.decisions, strict=True)
                   if (a.across, a.absent) != (b.across, b.absent)]  # fmt: skip
        assert [d.close_time for d in changed] == ([time] if before.symbol not in names else [])
    ranks = sorted(str(run.decisions[2].across["rank"]) for run in again[:5])
    assert ranks == ["0.0", "0.25", "0.5", "0.75", "1.0"]
    decisions = [d for run in again for d in run.decisions]
    assert absent_of(decisions) == absent


def test_a_symbol_without_bars_for_a_day_is_delisted_and_its_signal_ends_at_the_last() -> None:
    whole = run_of("momentum")
    number = next(k for k, run in enumerate(whole) if run.signals and _days(run.signals[0]) > 4)
    first = whole[number].signals[0]
    days = (first.close_time - SUNDAY) // DAY_MS + 2
    ended = [until(feed, days) if k == number else feed for k, feed in enumerate(MARKET)]

    again = run_sets(ended, MOMENTUM)
    (signal,) = again[number].signals[:1]
    end = signal.settlement
    assert end is not None
    assert (end.outcome.value, end.resolution) == ("expired", "forced")
    assert end.closed_at == SUNDAY + days * DAY_MS
    assert end.exit_price == ended[number].bars[-1, 4]


def _days(signal: Signal) -> float:
    end = signal.settlement
    return 0.0 if end is None else (end.closed_at - signal.close_time) / DAY_MS


def test_one_table_is_not_a_market() -> None:
    with pytest.raises(StrategyError, match="momentum compares symbols"):
        simulate_set(walk(3, 4500), MOMENTUM)
