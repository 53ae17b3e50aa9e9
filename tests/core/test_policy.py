"""The policy file: every impossible value is refused by name, every change gives another digest."""

import json
import random
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine import params
from signalengine.errors import PolicyError
from signalengine.events import EMA_CROSS, VOLUME_SPIKE, VWAP_RUN_BARS
from signalengine.indicators import ATR_14
from signalengine.policy import default_policy, digest, load_policy
from signalengine.snapshot import WIDTH

from .markets import policy_with


def raw() -> dict[str, Any]:
    loaded = json.loads(files("signalengine").joinpath("policy.json").read_text())
    assert isinstance(loaded, dict)
    return loaded


def leaves(
    table: dict[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


LEAVES = tuple(path for path, _ in leaves(raw()))
NUMBERS = tuple(path for path, value in leaves(raw()) if isinstance(value, int | float))


def changed(path: tuple[str, ...], value: Any) -> str:
    """The default policy's text with one field replaced (deleted when the value is ...)."""
    policy = raw()
    table = policy
    for folder in path[:-1]:
        table = table[folder]
    if value is ...:
        del table[path[-1]]
    else:
        table[path[-1]] = value
    return json.dumps(policy)


def refused(text: str) -> str:
    with pytest.raises(PolicyError) as caught:
        load_policy(text)
    return str(caught.value)


# --- refusing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LEAVES, ids=".".join)
def test_a_missing_field_is_named(path: tuple[str, ...]) -> None:
    assert f"lacks field '{path[-1]}'" in refused(changed(path, ...))


@pytest.mark.parametrize(
    "folder", [(), ("weights",), ("components",), ("events",), ("events", "ema_cross")]
)
def test_an_unknown_field_is_named(folder: tuple[str, ...]) -> None:
    assert "unknown field 'treshold'" in refused(changed((*folder, "treshold"), 0.5))


@pytest.mark.parametrize("value", ["x", None, True, [], {}, float("nan"), float("inf"), 10**400])
@pytest.mark.parametrize("path", NUMBERS, ids=".".join)
def test_a_number_that_is_none_is_named(path: tuple[str, ...], value: Any) -> None:
    assert path[-1] in refused(changed(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("threshold", 0.0), ("threshold", 1.01), ("coverage", 0.0), ("coverage", 1.1),
        ("ttl_s", 90), ("ttl_s", 0), ("ttl_s", 1e12), ("cooldown_s", -1), ("rearm_s", -1),
        ("rearm_s", 1e300), ("grace_s", -1), ("fresh_s", 0), ("warm_bars", 49), ("warm_bars", 64.5),
        ("tp_atr", 0), ("sl_atr", -1.0), ("fee_bps", -1), ("fee_bps", 1000), ("slippage_bps", -0.1),
        ("cost_gate", -1), ("atr_interval", "2m"), ("atr_interval", ["1m"]), ("atr_interval", None),
        ("weights", 3), ("weights", None), ("events", []), ("components", "x"),
        ("weights.trend", 0.3), ("weights.oi", -0.15), ("interval_weights.1h", 0.0),
        ("components.oi_full", 0.0), ("components.vwap_missing_bars", -1),
        ("events.ema_cross", []), ("events.ema_cross.intervals", "5m"),
        ("events.ema_cross.intervals", ["5m", 3]), ("events.ema_cross.intervals", ["5m", "5m"]),
        ("events.ema_cross.intervals", [["5m"]]), ("events.volume_spike.intervals", ["5m"]),
        ("events.oi_expansion.intervals", ["5m"]), ("events.ema_cross.full_atr", 0.0),
        ("events.rsi_extreme.low", 70.0), ("events.rsi_extreme.high", 100.0),
        ("events.rsi_extreme.low", -1.0), ("events.vwap_reclaim.minutes", 0),
        ("ai", {"mode": "gate", "model": ["b", 1], "minimum": 0.5, "weight": 0.5}), ("ai", 5),
    ],
)  # fmt: skip
def test_an_impossible_value_is_refused_by_name(path: str, value: Any) -> None:
    parts = tuple(path.split("."))
    message = refused(changed(parts, value))
    assert parts[0] in message or parts[-1] in message


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", "{" * 5000, "[" * 100_000])
def test_what_is_no_policy_is_refused(text: str) -> None:
    assert refused(text).startswith("policy: not")


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists),
    st.sampled_from(LEAVES),
)
def test_nothing_but_a_policy_error_comes_of_a_strange_value(
    value: Any, path: tuple[str, ...]
) -> None:
    try:
        policy = load_policy(changed(path, value))
    except PolicyError:
        return
    assert policy.digest


# --- reading --------------------------------------------------------------------------------------


def test_the_default_policy_is_that_of_its_file() -> None:
    policy = default_policy()
    assert (policy.threshold, policy.coverage) == (0.5, 0.6)
    assert (policy.cooldown_ms, policy.rearm_ms, policy.ttl_ms) == (300_000, 3_600_000, 3_600_000)
    assert (policy.grace_ms, policy.fresh_ms, policy.warm_bars) == (120_000, 30_000, 64)
    assert (policy.tp_atr, policy.sl_atr, policy.atr_interval) == (2.0, 1.0, "15m")
    assert policy.round_trip == pytest.approx(0.0012)
    assert len(policy.numbers) == params.NUMBERS.end
    assert all(type(x) is float for x in policy.numbers)


def test_its_numbers_are_where_the_core_reads_them() -> None:
    n = default_policy().numbers
    assert n[params.WEIGHTS : params.WEIGHTS + 7] == (0.2, 0.15, 0.15, 0.1, 0.15, 0.15, 0.1)
    assert n[params.INTERVAL_WEIGHTS : params.INTERVAL_WEIGHTS + 4] == (0.1, 0.2, 0.3, 0.4)
    assert n[VWAP_RUN_BARS : VWAP_RUN_BARS + 4] == (30.0, 6.0, 2.0, 2.0)
    assert (n[params.THRESHOLD], n[params.TP_ATR]) == (0.5, 2.0)
    assert n[params.COST_NEED] == pytest.approx(0.0036)
    assert n[params.ATR_FEATURE] == 2 * WIDTH + ATR_14
    assert n[EMA_CROSS : EMA_CROSS + 4] == (0.0, 1.0, 1.0, 1.0)
    assert n[VOLUME_SPIKE : VOLUME_SPIKE + 4] == (1.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("minutes", "bars"), [(1, (2, 2, 2, 2)), (31, (31, 7, 3, 2)), (180, (180, 36, 12, 3))]
)
def test_minutes_of_a_run_become_whole_bars(minutes: int, bars: tuple[int, ...]) -> None:
    n = policy_with(events__vwap_reclaim={"minutes": minutes}).numbers
    assert n[VWAP_RUN_BARS : VWAP_RUN_BARS + 4] == bars


# --- digest ---------------------------------------------------------------------------------------


def shuffled(value: Any, rng: random.Random) -> Any:
    """The same policy written otherwise: other key order, ints for whole floats, lists turned."""
    if isinstance(value, dict):
        keys = list(value)
        rng.shuffle(keys)
        return {key: shuffled(value[key], rng) for key in keys}
    if isinstance(value, list):
        return rng.sample(value, len(value))
    if isinstance(value, float) and value == int(value) and rng.random() < 0.5:
        return int(value)
    return float(value) if isinstance(value, int) and rng.random() < 0.5 else value


@given(st.integers(0, 10**6))
def test_the_digest_does_not_depend_on_how_a_policy_is_written(seed: int) -> None:
    other = load_policy(json.dumps(shuffled(raw(), random.Random(seed)), indent=seed % 4))
    assert other.digest == default_policy().digest
    assert other.numbers == default_policy().numbers


@pytest.mark.parametrize(
    "path", [p for p in NUMBERS if p[0] not in ("ai", "protections")], ids=".".join
)
def test_any_other_number_is_another_digest(path: tuple[str, ...]) -> None:
    """What is off decides nothing: the numbers of a model or a protection do not count then."""
    table = raw()
    for folder in path[:-1]:
        table = table[folder]
    assert digest(json.loads(changed(path, table[path[-1]] * 1.0000001))) != default_policy().digest


def test_the_name_is_not_part_of_the_digest() -> None:
    assert policy_with(name="other").digest == default_policy().digest
    assert policy_with(events__ema_cross={"intervals": ["5m"]}).digest != default_policy().digest


def test_the_digest_is_stable() -> None:
    """It names statistics that are stored: a change here orphans them."""
    written = {
        "name": "x", "threshold": 0.5, "weights": {"trend": 1},
        "events": {"ema_cross": {"intervals": ["5m", "1h"]}},
    }  # fmt: skip
    assert digest(written) == "1acc8fefa2b6"
