"""The snapshot of a close against the bars up to that close, computed from scratch."""

from collections.abc import Sequence
from math import isnan, nan

import pytest
import talib
from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.stream import Bar
from signalengine.intervals import CLASSIC_INTERVALS, DAY_MS, INTERVALS, MINUTE_MS, numbers_of
from signalengine.signals import Evaluation
from signalengine.snapshot import (
    CONTEXT,
    NAMES,
    SIZE,
    WIDTH,
    by_name,
    flat,
    scored_features,
    snapshot,
)
from signalengine.volume_profile import BINS

from tests.examples import examples

from .markets import (
    WalkRegime,
    after_warm,
    column,
    everywhere,
    facts_of,
    fold,
    longer,
    outcome,
    recorded,
    walk,
    warm_minutes,
    warm_state,
)

Features = dict[str, float | None]


def direct(bars: Sequence[Bar]) -> Features:
    """The features that have a definition over plain arrays."""
    close, high, low = (column(bars, name) for name in ("close", "high", "low"))
    upper, mid, lower = talib.BBANDS(close, 20, 2.0, 2.0)
    ema = {n: talib.EMA(close, n) for n in (9, 21, 50)}
    day = [b for b in bars if b.open_time // DAY_MS == bars[-1].open_time // DAY_MS]
    value = sum(b.quote_volume or (b.high + b.low + b.close) / 3.0 * b.volume for b in day)
    volume = sum(b.volume for b in day)
    known = {
        "close": close[-1], "rsi": talib.RSI(close, 14)[-1], "ema_9": ema[9][-1],
        "ema_21": ema[21][-1], "ema_50": ema[50][-1], "ema_21_before": ema[21][-4],
        "atr": talib.ATR(high, low, close, 14)[-1], "bb_mid": mid[-1], "bb_upper": upper[-1],
        "bb_lower": lower[-1], "vwap": value / volume if volume else None,
        "swing_high": pivot(bars, 1.0), "swing_low": pivot(bars, -1.0),
    }  # fmt: skip
    return {name: None if x is None or isnan(x) else float(x) for name, x in known.items()}


def pivot(bars: Sequence[Bar], side: float) -> float | None:
    return next(iter(pivots(bars, side)), None)


def pivots(bars: Sequence[Bar], side: float) -> list[float]:
    """The last four swings, newest first."""
    level = [side * (b.high if side > 0.0 else b.low) for b in bars]
    found = []
    for i in range(len(bars) - 4, 2, -1):
        left, right = level[i - 3 : i], level[i + 1 : i + 4]
        if all(x < level[i] for x in left) and all(x <= level[i] for x in right):
            found.append(side * level[i])
        if len(found) == 4:
            break
    return found


def assert_snapshot(seen: Evaluation, minutes: Sequence[Bar]) -> None:
    """All of the snapshot that the bars up to its close determine."""
    known = [bar for bar in minutes if bar.close_time <= seen.close_time]
    bars = {name: longer(known, name) for name in CLASSIC_INTERVALS}
    for name in CLASSIC_INTERVALS:
        expected = direct(bars[name])
        ours = {key: seen.features[name][key] for key in expected}
        assert ours == pytest.approx(expected, rel=1e-9), (name, seen.close_time)
    price = known[-1].close
    for side, key in ((1.0, "room_long"), (-1.0, "room_short")):
        swings = [*pivots(bars["15m"], side), *pivots(bars["1h"], side)]
        ahead = [side * (level - price) for level in swings if side * (level - price) > 0.0]
        assert seen.context[key] == min(ahead, default=None)
    high, low, close = (column(bars["15m"], field) for field in ("high", "low", "close"))
    slow = talib.EMA(talib.ATR(high, low, close, 14)[14:], 96)[-1]
    assert seen.context["atr_15m_ema"] == pytest.approx(slow, rel=1e-9)
    assert seen.context["price_change_15m"] == known[-1].close / known[-16].close - 1.0
    last = [b.quote_volume or b.volume * b.close for b in known[-5:]]
    assert seen.context["quote_volume_5m"] == pytest.approx(sum(last), rel=1e-12)
    start = seen.close_time - MINUTE_MS
    assert seen.context["vwap_bars"] == start % DAY_MS // MINUTE_MS + 1


@given(
    seed=st.integers(0, 10**6),
    regime=st.sampled_from(
        [
            WalkRegime(),
            WalkRegime(price=2.5e-5, decimals=9, step=2e-3, volume=1e9),
            WalkRegime(price=900_000.0, decimals=0, quotes=False),
            WalkRegime(calm=0.4, dead=0.2, decimals=0),
        ]
    ),
)
@examples(4)
def test_a_snapshot_follows_from_the_bars_up_to_its_close(seed: int, regime: WalkRegime) -> None:
    minutes = walk(4 * 1440, seed, regime, 1_747_612_800_000 - 2 * DAY_MS)
    _, seen = outcome(facts_of(minutes), policy=everywhere())
    late = [e for e in seen if e.close_time >= minutes[3 * 1440].open_time]
    assert len(late) >= 4
    for evaluation in late[:: max(1, len(late) // 4)]:
        assert_snapshot(evaluation, minutes)


def test_a_snapshot_of_recorded_bars_follows_from_them() -> None:
    minutes = recorded("SOL", 4 * 1440)
    _, seen = outcome(facts_of(minutes))
    late = [e for e in seen if e.close_time >= minutes[3 * 1440].open_time]
    for evaluation in late[:: max(1, len(late) // 6)]:
        assert_snapshot(evaluation, minutes)


def test_a_snapshot_has_every_name_of_every_interval() -> None:
    minutes = walk(400, regime=WalkRegime(step=2e-3))
    for seen in outcome(facts_of(minutes))[1]:
        assert set(seen.features) == set(CLASSIC_INTERVALS)
        assert all(set(row) == set(NAMES) for row in seen.features.values())
        assert set(seen.context) == set(CONTEXT)
        assert seen.price == next(b.close for b in minutes if b.close_time == seen.close_time)


def test_what_an_interval_lacks_is_unknown() -> None:
    minutes = walk(59, regime=WalkRegime(step=2e-3))
    seen = outcome(facts_of(minutes), policy=everywhere())[1][-1]
    hour = seen.features["1h"]
    assert {name for name, x in hour.items() if x is not None} == {"last_break"}
    assert hour["last_break"] == 0.0
    assert seen.context["atr_15m_ema"] is None
    assert seen.context["room_long"] is None
    assert nan not in seen.context.values()


def test_the_slow_atr_is_known_from_the_110th_bar_of_15_minutes() -> None:
    """14 bars for the first ATR, 96 of those for its EMA."""
    minutes = walk(111 * 15, seed=1, regime=WalkRegime(step=2e-3))
    _, seen = outcome(facts_of(minutes), policy=everywhere())
    start = minutes[0].open_time + 110 * 15 * MINUTE_MS
    known = [e.close_time for e in seen if e.context["atr_15m_ema"] is not None]
    assert known == [e.close_time for e in seen if e.close_time >= start]
    assert start in known


def test_a_feature_that_an_older_writer_lacks_is_unknown() -> None:
    (evaluation, *_) = outcome(facts_of(walk(400, 3)), policy=everywhere())[1]
    features = {i: {**named} for i, named in evaluation.features.items()}
    whole = flat(features, evaluation.context)
    del features["5m"]["rsi"]
    read = flat(features, {**evaluation.context})
    at = WIDTH + NAMES.index("rsi")
    assert isnan(read[at])
    assert [*read[:at], *read[at + 1 :]] == pytest.approx(
        [*whole[:at], *whole[at + 1 :]], nan_ok=True, abs=0.0
    )


def test_only_the_intervals_that_are_asked_for_are_computed() -> None:
    s = list(warm_state().buffer)
    whole, some = [nan] * SIZE, [nan] * SIZE
    snapshot(s, whole, [0.0] * BINS, numbers_of(INTERVALS))
    snapshot(s, some, [0.0] * BINS, numbers_of(("1m", "1d")))
    features, context = by_name(some, INTERVALS)
    assert context == by_name(whole, ())[1], "the context is the same, whatever is asked for"
    for interval in INTERVALS[1:-1]:
        assert set(features[interval].values()) == {None}
    for interval in ("1m", "1d"):
        assert features[interval] == by_name(whole, (interval,))[0][interval]
    assert features["1d"]["close"] == warm_minutes()[-1].close
    assert features["1d"]["vwap"] is not None


def test_a_longer_interval_is_as_of_its_last_closed_bar() -> None:
    """Until the day ends, nothing of it is in the values of 1d."""
    minutes, seen = after_warm(1440), []
    for advanced in fold(facts_of(minutes), warm_state()):
        f = [nan] * SIZE
        scored_features(list(advanced.state.buffer), f, numbers_of(("1m", "1d")))
        seen.append(by_name(f, ("1d",))[0]["1d"])
    assert all(row == seen[0] for row in seen[:-1])
    assert (seen[0]["close"], seen[-1]["close"]) == (warm_minutes()[-1].close, minutes[-1].close)
