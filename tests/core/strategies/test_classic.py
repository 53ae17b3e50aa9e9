"""The seven components at their corners: missing is not quiet, quiet is not zero."""

from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.intervals import CLASSIC_INTERVALS, INTERVALS
from signalengine.policy import default_policy
from signalengine.rules import score
from signalengine.signals import COMPONENTS
from signalengine.snapshot import BASE, CONTEXT, NAMES, SIZE, by_name, flat
from signalengine.strategies.classic import components

from tests.examples import examples

P = default_policy().numbers
Q, H = "15m", "1h"


def snap(**values: float) -> list[float]:
    """A flat snapshot: `close_1m`, `atr_15m`, … by interval, the context by name; the rest NaN."""
    features: dict[str, dict[str, float | None]] = {
        i: dict.fromkeys(NAMES) for i in CLASSIC_INTERVALS
    }
    context: dict[str, float | None] = dict.fromkeys(CONTEXT)
    for key, value in values.items():
        name, _, interval = key.rpartition("_")
        if interval in CLASSIC_INTERVALS and name in NAMES:
            features[interval][name] = value
        else:
            assert key in context
            context[key] = value
    return flat(features, context)


def of(component: str, side: float, **values: float) -> float:
    out = [nan] * 7
    components((), snap(**values), side, P, out)
    return out[COMPONENTS.index(component)]


# --- trend ----------------------------------------------------------------------------------------


def slopes(*steps: float) -> dict[str, float]:
    """EMA slopes of the four intervals, in units of 3 ATRs."""
    out: dict[str, float] = {}
    for interval, step in zip(CLASSIC_INTERVALS, steps, strict=True):
        out |= {
            f"ema_21_{interval}": 100.0 + 3.0 * 2.0 * step, f"ema_21_before_{interval}": 100.0,
            f"atr_{interval}": 2.0,
        }  # fmt: skip
    return out


@pytest.mark.parametrize(
    ("steps", "long", "short"),
    [
        ((0.3, 0.3, 0.3, 0.3), 1.0, 0.0),
        ((-0.3, -0.3, -0.3, -0.3), 0.0, 1.0),
        ((0.0, 0.0, 0.0, 0.0), 0.0, 0.0),
        ((9.0, 0.0, 0.0, 0.0), 0.1, 0.0),
        ((0.0, 9.0, 0.0, 0.0), 0.2, 0.0),
        ((0.0, 0.0, 9.0, 0.0), 0.3, 0.0),
        ((0.0, 0.0, 0.0, 9.0), 0.4, 0.0),
        ((0.0, 0.0, 0.15, -0.15), 0.15, 0.2),
    ],
)
def test_trend_is_the_weighted_slope(steps: tuple[float, ...], long: float, short: float) -> None:
    assert of("trend", 1.0, **slopes(*steps)) == pytest.approx(long, abs=1e-12)
    assert of("trend", -1.0, **slopes(*steps)) == pytest.approx(short, abs=1e-12)


@pytest.mark.parametrize("interval", CLASSIC_INTERVALS)
def test_trend_needs_every_interval(interval: str) -> None:
    known = slopes(0.3, 0.3, 0.3, 0.3)
    del known[f"ema_21_before_{interval}"]
    assert isnan(of("trend", 1.0, **known))


# --- liquidation ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("long", "short", "for_long", "for_short"),
    [
        (0.0, 100.0, 1.0, 0.0),
        (100.0, 0.0, 0.0, 1.0),
        (50.0, 50.0, 0.0, 0.0),
        (25.0, 75.0, 0.5, 0.0),
        (0.0, 50.0, 0.5, 0.0),
        (0.0, 10.0, 0.1, 0.0),
        (0.0, 900.0, 1.0, 0.0),
    ],
)
def test_liquidation_is_the_side_times_the_share(
    long: float, short: float, for_long: float, for_short: float
) -> None:
    values = {"liq_long_5m_usd": long, "liq_short_5m_usd": short, "quote_volume_5m": 10_000.0}
    assert of("liquidation", 1.0, **values) == pytest.approx(for_long)
    assert of("liquidation", -1.0, **values) == pytest.approx(for_short)


@pytest.mark.parametrize(
    "values",
    [
        {"liq_long_5m_usd": 5.0, "liq_short_5m_usd": 4.9, "quote_volume_5m": 10_000.0},
        {"liq_long_5m_usd": 0.0, "liq_short_5m_usd": 0.0, "quote_volume_5m": 10_000.0},
        {"liq_long_5m_usd": 0.0, "liq_short_5m_usd": 0.0, "quote_volume_5m": 0.0},
        {"liq_long_5m_usd": 99.0, "liq_short_5m_usd": 1.0, "quote_volume_5m": 0.0},
        {"liq_short_5m_usd": 4.9, "quote_volume_5m": 10_000.0},
        {"liq_long_5m_usd": 99.0, "liq_short_5m_usd": 99.0},
        {},
    ],
)
def test_liquidations_that_are_quiet_or_unknown_leave_the_weights(values: dict[str, float]) -> None:
    assert isnan(of("liquidation", 1.0, **values))
    assert isnan(of("liquidation", -1.0, **values))


# --- volatility -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("atr", "slow", "value"),
    [
        (1.0, 1.0, 0.0),
        (0.5, 1.0, 0.0),
        (1.5, 1.0, 0.5),
        (2.0, 1.0, 1.0),
        (9.0, 1.0, 1.0),
        (0.0, 0.0, 0.0),
    ],
)
def test_volatility_is_the_atr_over_its_slow_average(atr: float, slow: float, value: float) -> None:
    for side in (1.0, -1.0):
        assert of("volatility", side, atr_15m=atr, atr_15m_ema=slow) == value


def test_volatility_needs_its_slow_average() -> None:
    assert isnan(of("volatility", 1.0, atr_15m=1.0))


# --- vwap -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("close", "long", "short"),
    [(100.0, 0.0, 0.0), (102.0, 0.5, 0.0), (104.0, 1.0, 0.0), (110.0, 1.0, 0.0), (98.0, 0.0, 0.5)],
)
def test_vwap_is_the_distance_in_hourly_atrs(close: float, long: float, short: float) -> None:
    values = {"close_1m": close, "vwap_1m": 100.0, "atr_1h": 2.0, "vwap_bars": 61.0}
    assert of("vwap", 1.0, **values) == long
    assert of("vwap", -1.0, **values) == short


def test_vwap_is_missing_for_the_first_hour_of_a_session() -> None:
    values = {"close_1m": 104.0, "vwap_1m": 100.0, "atr_1h": 2.0}
    assert isnan(of("vwap", 1.0, **values, vwap_bars=60.0))
    assert isnan(of("vwap", 1.0, **values, vwap_bars=-1.0))
    assert of("vwap", 1.0, **values, vwap_bars=61.0) == 1.0


@pytest.mark.parametrize("name", ["vwap_1m", "atr_1h"])
def test_vwap_needs_its_parts(name: str) -> None:
    values = {"close_1m": 104.0, "vwap_1m": 100.0, "atr_1h": 2.0, "vwap_bars": 90.0}
    del values[name]
    assert isnan(of("vwap", 1.0, **values))


# --- oi -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "moved", "long", "short"),
    [
        (0.01, 0.001, 1.0, 0.0),
        (0.005, 0.001, 0.5, 0.0),
        (0.02, -0.001, 0.0, 1.0),
        (-0.02, 0.001, 0.0, 0.0),
        (0.02, 0.0, 0.0, 0.0),
    ],
)
def test_oi_is_growth_that_the_price_confirms(
    change: float, moved: float, long: float, short: float
) -> None:
    values = {"oi_change_15m": change, "price_change_15m": moved}
    assert of("oi", 1.0, **values) == long
    assert of("oi", -1.0, **values) == short


def test_oi_needs_both_changes() -> None:
    assert isnan(of("oi", 1.0, oi_change_15m=0.02))
    assert isnan(of("oi", 1.0, price_change_15m=0.02))


# --- structure ------------------------------------------------------------------------------------


def broken(*sides: float) -> dict[str, float]:
    out = {f"last_break_{i}": s for i, s in zip(CLASSIC_INTERVALS, sides, strict=True)}
    return {**out, "atr_15m": 2.0}


@pytest.mark.parametrize(
    ("sides", "room", "long"),
    [
        ((1.0, 1.0, 1.0, 1.0), nan, 1.0),
        ((1.0, 1.0, 1.0, 1.0), 4.0, 1.0),
        ((1.0, 1.0, 1.0, 1.0), 2.0, 0.5),
        ((1.0, 1.0, 1.0, 1.0), 1e-9, 0.0),
        ((0.0, 0.0, 0.0, 0.0), nan, 0.0),
        ((-1.0, -1.0, 1.0, -1.0), nan, 0.3),
    ],
)
def test_structure_is_the_last_breaks_times_the_room_ahead(
    sides: tuple[float, ...], room: float, long: float
) -> None:
    values = broken(*sides)
    if not isnan(room):
        values["room_long"] = room
    assert of("structure", 1.0, **values) == pytest.approx(long, abs=1e-6)
    upside_down = broken(*(-s for s in sides))
    if not isnan(room):
        upside_down["room_short"] = room
    assert of("structure", -1.0, **upside_down) == pytest.approx(long, abs=1e-6)


def test_structure_needs_an_atr() -> None:
    values = broken(1.0, 1.0, 1.0, 1.0)
    del values["atr_15m"]
    assert isnan(of("structure", 1.0, **values))


# --- event ----------------------------------------------------------------------------------------


def test_event_is_what_the_window_remembers_for_its_side() -> None:
    values = {"event_long": 0.7, "event_short": 0.2}
    assert of("event", 1.0, **values) == 0.7
    assert of("event", -1.0, **values) == 0.2


# --- the snapshot as a whole ----------------------------------------------------------------------

FEATURES = st.dictionaries(
    st.integers(0, SIZE - 1),
    st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, -1.0]),
    max_size=SIZE,
)


@given(FEATURES, st.sampled_from([1.0, -1.0]))
@examples(200)
def test_every_component_is_0_to_1_or_missing_whatever_the_snapshot(
    values: dict[int, float], side: float
) -> None:
    f = [values.get(k, nan) for k in range(SIZE)]
    for name in ("event_long", "event_short"):  # these come from the core, 0..1
        at = BASE + CONTEXT.index(name)
        f[at] = min(1.0, abs(values.get(at, 0.0)))
    out = [nan] * 7
    components((), f, side, P, out)
    assert all(isnan(x) or 0.0 <= x <= 1.0 for x in out)
    assert 0.0 <= score(out, P) <= 1.0


@given(FEATURES)
def test_names_and_flat_are_the_same_snapshot(values: dict[int, float]) -> None:
    f = [values.get(k, nan) for k in range(SIZE)]
    again = flat(*by_name(f, INTERVALS))
    assert len(again) == SIZE
    assert all(a == b or (isnan(a) and isnan(b)) for a, b in zip(f, again, strict=True))


def test_what_is_not_finite_is_unknown() -> None:
    features, context = by_name([float("inf")] * SIZE, INTERVALS)
    assert {x for row in features.values() for x in row.values()} == {None}
    assert set(context.values()) == {None}
