"""Price alerts: a bar after the request that touches the price, whatever the order of the bars."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.facts.alerts import Alert, AlertError, alert_for, reached, reached_at
from signalengine.facts.stream import Bar
from signalengine.intervals import MINUTE_MS

from tests.examples import examples

T = 1_747_656_000_000
BARS = st.lists(
    st.builds(
        lambda number, low, range_: Bar(
            "1m", T + number * MINUTE_MS, low, low + range_, low, low, 1.0
        ),
        st.integers(-5, 5),
        st.integers(90, 110).map(float),
        st.integers(0, 5).map(float),
    ),
    max_size=8,
)
ALERTS = st.builds(
    lambda price, now: alert_for("BTCUSDT", price, 100.25, 0.5, T + now),
    st.integers(80, 120).map(float),
    st.integers(-MINUTE_MS, 2 * MINUTE_MS),
)


@settings(examples(100))
@given(ALERTS, BARS, st.randoms())
def test_the_order_of_bars_and_repeats_change_nothing(
    alert: Alert, bars: list[Bar], chance
) -> None:  # type: ignore[no-untyped-def]
    shuffled = [*bars, *bars]
    chance.shuffle(shuffled)
    assert reached_at(alert, shuffled) == reached_at(alert, bars)


@settings(examples(100))
@given(ALERTS, BARS)
def test_no_bar_that_began_before_the_request_reaches_it(alert: Alert, bars: list[Bar]) -> None:
    early = [bar for bar in bars if bar.open_time < alert.since]
    assert reached_at(alert, early) is None
    at = reached_at(alert, bars)
    assert at is None or at >= alert.since + MINUTE_MS


@settings(examples(100))
@given(ALERTS, BARS)
def test_it_is_reached_by_the_first_minute_that_touches_it(alert: Alert, bars: list[Bar]) -> None:
    touched = [
        bar.close_time
        for bar in bars
        if bar.open_time >= alert.since
        and (bar.high >= alert.price if alert.price > 100.25 else bar.low <= alert.price)
    ]
    assert reached_at(alert, bars) == (min(touched) if touched else None)


@settings(examples(100))
@given(st.integers(0, 3 * MINUTE_MS))
def test_the_running_minute_does_not_count(after: int) -> None:
    alert = alert_for("BTCUSDT", 110.0, 100.0, 0.1, T + after)
    assert T + after <= alert.since < T + after + MINUTE_MS
    assert alert.since % MINUTE_MS == 0


def test_a_price_between_ticks_moves_away_from_the_last_one() -> None:
    up = alert_for("BTCUSDT", 110.03, 100.0, 0.1, T)
    down = alert_for("BTCUSDT", 90.07, 100.0, 0.1, T)
    assert (up.price, up.direction) == (110.1, "above")
    assert (down.price, down.direction) == (90.0, "below")
    assert alert_for("BTCUSDT", 110.03, 100.0, None, T).price == 110.03


@pytest.mark.parametrize("price", [100.0, 0.0, -5.0, float("nan"), float("inf"), 1e9, 0.5])
def test_a_price_that_nothing_can_wait_for_is_refused(price: float) -> None:
    with pytest.raises(AlertError):
        alert_for("BTCUSDT", price, 100.0, 0.1, T)


def test_a_touch_is_enough() -> None:
    alert = alert_for("BTCUSDT", 110.0, 100.0, 0.1, T)
    assert reached(alert, Bar("1m", T, 100.0, 110.0, 99.0, 100.0, 1.0))
    assert not reached(alert, Bar("1m", T, 100.0, 109.9, 99.0, 100.0, 1.0))


def test_alerts_are_as_in_the_vectors_that_the_dashboard_is_tested_with() -> None:
    said = {"tooFar": "is too far from the price now", "isNow": "is the price now"}
    for one in json.loads((Path(__file__).parent / "alert_vectors.json").read_text()):
        given = (one["price"], one["last"], one["tick"], one["now"])
        if isinstance(one["expected"], str):
            with pytest.raises(AlertError, match=said[one["expected"]]):
                alert_for("BTCUSDT", *given)
        else:
            found = alert_for("BTCUSDT", *given)
            assert {name: getattr(found, name) for name in one["expected"]} == one["expected"]
