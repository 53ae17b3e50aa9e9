"""Ticks and paths of the forming minute."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from signalengine.bars.builder import BarRequest
from signalengine.bars.forming import PATHS, FormingMinute
from signalengine.bars.sequencer import LATE_MS
from signalengine.facts.stream import Bar, PathPoint, Tick
from signalengine.intervals import MINUTE_MS
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Outcome, Signal

from tests.core.bar_samples import (
    T0,
    S,
    bar_at,
    close,
    closed,
    fetch,
    form,
    forming,
    run,
    seeded,
)
from tests.core.samples import signal
from tests.examples import examples


def minute(low: float, high: float, last: float) -> Bar:
    return Bar("1m", T0, 100.0, high, low, last, volume=1.0)


def test_a_tick_is_the_running_minute_and_the_path_its_new_extremes() -> None:
    builder = seeded()
    states = [(99.0, 100.0, 99.5), (99.0, 100.0, 99.9), (98.0, 100.0, 98.5), (98.0, 102.0, 101.0)]
    for second, state in enumerate(states):
        form(builder, forming(minute(*state), T0 + second * 1000 + 500))
        tick = builder.sample(T0 + (second + 1) * 1000)
        low, high, last = state
        assert tick == Tick(T0, 100.0, high, low, last)
    final = minute(98.0, 103.0, 102.0)
    (fact,) = close(builder, closed(final)).facts
    assert fact.path == (
        PathPoint(1, 99.0, 100.0), PathPoint(3, 98.0, 100.0), PathPoint(4, 98.0, 102.0),
        PathPoint(60, 98.0, 103.0),
    )  # fmt: skip


@examples(60)
@given(st.lists(st.tuples(st.integers(0, 59), st.floats(50, 150)), min_size=1, max_size=30))
def test_a_path_widens_in_time_and_ends_at_the_bar(trades: list[tuple[int, float]]) -> None:
    builder, low, high, last = seeded(), 100.0, 100.0, 100.0
    by_minute = sorted(trades, key=lambda trade: trade[0])
    for second in range(60):
        for at, price in by_minute:
            if at == second:
                low, high, last = min(low, price), max(high, price), price
                form(builder, forming(minute(low, high, last), T0 + second * 1000))
        builder.sample(T0 + (second + 1) * 1000)
    (fact,) = close(builder, closed(minute(low, high, last))).facts
    assert fact.path is not None
    for before, after in zip(fact.path, fact.path[1:], strict=False):
        assert before.second < after.second
        assert after.low <= before.low
        assert after.high >= before.high
        assert (after.low, after.high) != (before.low, before.high)
    assert (fact.path[-1].low, fact.path[-1].high) == (low, high)


def test_a_minute_that_has_not_traded_has_no_tick() -> None:
    builder = seeded()
    close(builder, closed(bar_at(0)))
    assert builder.sample(T0 + MINUTE_MS) is not None
    assert builder.sample(T0 + MINUTE_MS + 1000) is None


def test_a_reordered_update_of_the_running_minute_changes_nothing() -> None:
    builder = seeded()
    form(builder, forming(minute(98.0, 102.0, 101.0), T0 + 2000))
    form(builder, forming(minute(99.0, 100.0, 99.0), T0 + 1000))
    assert builder.sample(T0 + 3000) == Tick(T0, 100.0, 102.0, 98.0, 101.0)


def test_the_path_of_a_minute_survives_the_first_trade_of_the_next() -> None:
    builder = seeded()
    form(builder, forming(minute(99.0, 100.0, 99.5), T0 + 500))
    builder.sample(T0 + 1000)
    after = replace(minute(90.0, 91.0, 90.0), open_time=T0 + MINUTE_MS, open=90.0)
    form(builder, forming(after, T0 + MINUTE_MS + 1))
    (fact,) = close(builder, closed(minute(98.0, 100.0, 99.0))).facts
    assert fact.path == (PathPoint(1, 99.0, 100.0), PathPoint(60, 98.0, 100.0))


def test_a_path_that_contradicts_its_bar_is_unknown() -> None:
    builder = seeded()
    form(builder, forming(minute(95.0, 100.0, 99.5), T0 + 500))
    builder.sample(T0 + 1000)
    kline = closed(minute(98.0, 100.0, 99.0))
    request = close(builder, kline).request
    assert request == BarRequest(S, "1m", T0, T0 + MINUTE_MS), "it is verified by REST"
    (fact,) = fetch(builder, request, [], kline.event_time)
    assert (fact.bars[0], fact.path, fact.source) == (kline.bar, None, "ws")


def test_recordings_and_bars_that_were_not_streamed_have_no_path() -> None:
    assert run(seeded(market="recording"), [bar_at(0)])[0].path is None
    builder = seeded()
    request = builder.next_request(T0 + MINUTE_MS + LATE_MS)
    assert request is not None
    (fact,) = fetch(builder, request, [bar_at(0)], T0 + MINUTE_MS + LATE_MS)
    assert (fact.path, fact.source) == (None, "rest")


@examples(80)
@given(
    st.lists(st.tuples(st.integers(0, 59), st.floats(98.0, 103.0)), min_size=1, max_size=12),
    st.floats(98.5, 102.5),
    st.sampled_from([1, -1]),
    st.integers(0, PATHS - 2),
)
def test_a_fetched_bar_ends_a_signal_where_its_minute_first_crossed_a_level(
    trades: list[tuple[int, float]], unstreamed: float, side: int, late: int
) -> None:
    """However many minutes late it is fetched, and whatever was traded after the last update."""
    builder, one, low, high = seeded(), signal(side), 100.0, 100.0
    seen: tuple[Outcome, int] | None = None
    for second in range(60):
        for _, price in (trade for trade in trades if trade[0] == second):
            low, high = min(low, price), max(high, price)
            form(builder, forming(minute(low, high, price), T0 + second * 1000))
        tick = builder.sample(T0 + (second + 1) * 1000)
        outcome = None if tick is None or seen else crossed(one, tick)
        seen = seen or (None if outcome is None else (outcome, T0 + (second + 1) * 1000))
    for number in range(1, late + 1):
        newer = replace(minute(99.5, 100.5, 100.0), open_time=T0 + number * MINUTE_MS)
        form(builder, forming(newer, T0 + number * MINUTE_MS + 500))
        builder.sample(T0 + number * MINUTE_MS + 1000)
    bar = minute(min(low, unstreamed), max(high, unstreamed), unstreamed)
    request = BarRequest(S, "1m", T0, T0 + MINUTE_MS)
    (fact,) = fetch(builder, request, [bar], T0 + (late + 1) * MINUTE_MS + 9_000)
    assert fact.source == "rest"
    stored = StoredBar(T0, bar.open, bar.high, bar.low, bar.close, path=fact.path)
    if seen is not None:
        end = settle(one, [stored])
        assert end is not None
        assert (end.outcome, end.touched_at) == seen


def crossed(one: Signal, tick: Tick) -> Outcome | None:
    """Return how a signal ends where one level is crossed; None while none is, or both are."""
    low, high = sorted((one.tp_price, one.sl_price))
    below, above = tick.low <= low, tick.high >= high
    if below == above:
        return None
    return Outcome.TP_HIT if above == (one.side > 0) else Outcome.SL_HIT


def test_a_fact_has_the_time_it_was_sent_and_the_age_of_its_stream() -> None:
    builder = seeded()
    (fact,) = close(builder, closed(bar_at(0), after_ms=20), T0 + MINUTE_MS + 500).facts
    assert (fact.sent_at, fact.quality.stream_age_ms) == (T0 + MINUTE_MS + 500, 480)


def test_a_minute_without_trades_at_the_last_price_is_not_unseen() -> None:
    known = FormingMinute()
    known.update(minute(99.0, 100.0, 99.5))
    later = replace(minute(99.5, 99.5, 99.5), open_time=T0 + MINUTE_MS, open=99.5)
    assert not known.is_unseen(replace(later, volume=0.0))
    assert known.is_unseen(later)
    assert not known.is_unseen(minute(98.0, 101.0, 99.0)), "it was received while it formed"
