"""What every indicator of the library obeys, from the one table of them all."""

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.compiled import LIBRARY
from research.conformance.library import CASES, Case, compared, folded, fresh
from research.conformance.library_references import Floats
from tests.architecture.source import AWS, CORE, FUNCTIONS, INGEST, modules, short, tree
from tests.examples import examples

from ..markets import WalkRegime, recorded
from .samples import (
    all_periods,
    closes,
    columns_of,
    joined,
    part,
    random_bars,
    same,
    unknown,
    values,
)

FOLDER = CORE / "library"
WINDOWED = [case for case in CASES if case.most]
EVERY = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def new(case: Case, bars: Mapping[str, Floats], periods: tuple[float, ...]) -> Floats:
    s, at = fresh(case)
    return folded(case, s, at, bars, periods)


def differing(case: Case, bars: Mapping[str, Floats]) -> list[str]:
    rows = [row for periods in all_periods(case) for row in compared(case, bars, periods, "")]
    return [
        f"{row.feature}: {row.largest:.1e}, {row.undefined}" for row in rows if not row.conforms
    ]


def test_every_indicator_is_in_the_table() -> None:
    files = {path.stem for path in modules(FOLDER)} - {"__init__"}
    assert files == {name.removeprefix("library.") for name in LIBRARY}
    defined = {
        (path.stem, node.name)
        for path in modules(FOLDER)
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("fold_")
    }
    assert defined == {(case.module, f"fold_{case.name}") for case in CASES}


@EVERY
@given(seed=st.integers(0, 10**6), level=st.sampled_from([(1e5, 1), (100.0, 3), (2e-5, 9)]))
@examples(4)
def test_it_equals_its_reference(case: Case, seed: int, level: tuple[float, int]) -> None:
    regime = WalkRegime(price=level[0], decimals=level[1], step=2e-3, calm=0.05, dead=0.02)
    assert differing(case, random_bars(300, seed, regime)) == []


@EVERY
def test_it_equals_its_reference_on_recorded_bars(case: Case) -> None:
    assert differing(case, columns_of(recorded("ADA", 2000))) == []


@EVERY
def test_no_value_depends_on_a_later_bar(case: Case) -> None:
    bars, other = random_bars(200, 1), random_bars(100, 2)
    for periods in all_periods(case):
        whole = new(case, bars, periods)
        for n in (1, 37, 150):
            changed = new(case, joined(part(bars, 0, n), other), periods)
            assert same(changed[:n], whole[:n])


@EVERY
@given(seed=st.integers(0, 10**6), at=st.integers(0, 140))
@examples(5)
def test_a_stored_state_goes_on_as_it_was(case: Case, seed: int, at: int) -> None:
    bars = random_bars(140, seed)
    whole = new(case, bars, case.periods)
    s, place = fresh(case)
    folded(case, s, place, part(bars, 0, at), case.periods)
    stored = json.loads(json.dumps(s))
    assert same(folded(case, stored, place, part(bars, at, 140), case.periods), whole[at:])


@EVERY
def test_its_state_has_a_fixed_size_and_no_other_place_is_written(case: Case) -> None:
    s, at = fresh(case)
    size = len(s)
    for periods in all_periods(case):
        folded(case, s, at, random_bars(250, 3), periods)
        assert (len(s), s[:3], s[-3:]) == (size, [-7.0] * 3, [-7.0] * 3)


@pytest.mark.parametrize("case", [c for c in CASES if c.periods], ids=lambda case: case.name)
@pytest.mark.parametrize("period", [0.0, -1.0, nan, inf, 1e9])
def test_a_period_that_cannot_be_has_no_value(case: Case, period: float) -> None:
    s, at = fresh(case)
    found = folded(case, s, at, random_bars(150, 4), (period, *case.periods[1:]))
    assert np.isnan(found[:, 0]).all()
    assert (s[:3], s[-3:]) == ([-7.0] * 3, [-7.0] * 3)


@pytest.mark.parametrize("case", WINDOWED, ids=lambda case: case.name)
def test_a_period_longer_than_the_window_has_no_value(case: Case) -> None:
    longest = (case.most[0] + 1.0, *case.periods[1:])
    assert np.isnan(new(case, random_bars(200, 4), longest)[:, 0]).all()


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name != "bars_since"], ids=lambda case: case.name
)
def test_a_bar_that_is_not_known_is_left_out(case: Case) -> None:
    bars, n = random_bars(180, 5), 90
    for periods in all_periods(case):
        whole = new(case, bars, periods)
        holed = joined(unknown(2), part(bars, 0, n), unknown(), part(bars, n, 180))
        found = new(case, holed, periods)
        assert np.isnan(found[[0, 1, n + 2]]).all()
        assert same(np.delete(found, [0, 1, n + 2], axis=0), whole)


@EVERY
@given(seed=st.integers(0, 10**6), price=st.integers(-20, 20), volume=st.integers(-4, 4))
@examples(4)
def test_it_scales_exactly(case: Case, seed: int, price: int, volume: int) -> None:
    bars = random_bars(140, seed)
    factors = {"price": 2.0**price, "volume": 2.0**volume, "free": 1.0}
    scaled = {name: bars[name] * factors["price"] for name in ("open", "high", "low", "close")}
    scaled |= {"volume": bars["volume"] * factors["volume"], "rose": bars["rose"]}
    kinds = ["free" if name.endswith("_side") else case.unit for name in case.values]
    expected = new(case, bars, case.periods) * [factors[kind] for kind in kinds]
    assert same(new(case, scaled, case.periods), expected)


@pytest.mark.parametrize("case", WINDOWED, ids=lambda case: case.name)
def test_a_windows_value_depends_on_the_window_alone(case: Case) -> None:
    """Not on what was before it, on where the ring's seam is, or on how long the ring is."""
    bars = random_bars(300, 6)
    for periods in all_periods(case):
        whole = new(case, bars, periods)
        late = 300 - int(sum(periods)) - 1
        assert same(new(case, part(bars, late, 300), periods)[-1], whole[-1])
        longer = replace(case, most=tuple(most + 7 for most in case.most))
        assert same(new(longer, bars, periods), whole)


MIRRORED = {
    "sma": ("sma", -1), "ema": ("ema", -1), "wilder": ("wilder", -1), "wma": ("wma", -1),
    "rsi": ("rsi", 100), "cci": ("cci", 0), "zscore": ("zscore", 0), "slope": ("slope", 0),
    "macd": ("macd", 0), "macd_signal": ("macd_signal", 0),
    "macd_histogram": ("macd_histogram", 0),
    "stochastic_k": ("stochastic_k", 100), "stochastic_d": ("stochastic_d", 100),
    "adx": ("adx", None), "plus_di": ("minus_di", None), "minus_di": ("plus_di", None),
    "atr": ("atr", None), "deviation": ("deviation", None), "crossed": ("crossed", 0),
    "bollinger": ("bollinger", -1), "bollinger_upper": ("bollinger_lower", -1),
    "keltner": ("keltner", -1), "keltner_upper": ("keltner_lower", -1),
    "donchian": ("donchian", -1), "donchian_upper": ("donchian_lower", -1),
    "supertrend": ("supertrend", -1), "supertrend_side": ("supertrend_side", 0),
    "vwap": ("vwap", -1), "highest": ("lowest", -1),
}  # fmt: skip
"""Value in a mirrored market, and the sum of both (−1: of two prices; None: they are equal)."""


def test_a_mirrored_market_has_mirrored_values() -> None:
    bars = random_bars(200, 7, WalkRegime(price=1e5, step=2e-3, decimals=0, calm=0.1))
    middle = 2e5  # prices are whole: their mirror images are exact
    swapped = {"open": "open", "high": "low", "low": "high", "close": "close"}
    mirrored = {name: middle - bars[other] for name, other in swapped.items()}
    mirrored |= {"volume": bars["volume"], "rose": bars["rose"]}
    here, there = of_all(bars), of_all(mirrored)
    for name, (other, total) in MIRRORED.items():
        known = ~np.isnan(here[name])
        ours, theirs = here[name][known], there[other][known]
        whole = middle if total == -1 else total
        expected = ours if whole is None else whole - ours
        assert known.any(), name
        assert np.allclose(theirs, expected, rtol=1e-9, atol=1e-7), name


def of_all(bars: Mapping[str, Floats]) -> dict[str, Floats]:
    return {
        name: found[:, k]
        for case in CASES
        for found in [values(case.name, bars)]
        for k, name in enumerate(case.values)
    }


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.unit == "price" and case.columns == ("close",)],
    ids=lambda case: case.name,
)
def test_a_price_that_stays_is_its_own_average(case: Case) -> None:
    """To the last bit, of windows: a flat market crosses nothing."""
    found = new(case, closes(*[0.1] * 70), case.periods)[-1]
    flat = {"deviation": 0.0, "slope": 0.0, "macd": 0.0}
    expected = flat.get(case.name, 0.1)
    exact = bool(case.most)
    assert np.allclose(found, expected, rtol=0.0, atol=0.0 if exact else 1e-16)


def test_the_library_is_numbers_only() -> None:
    """Calls are of its own functions and of the few that plain Python and numba compute alike."""
    own = {node.name for path in modules(FOLDER) for node in ast.walk(tree(path))
           if isinstance(node, ast.FunctionDef)}  # fmt: skip
    for path in modules(FOLDER):
        for function in ast.walk(tree(path)):
            if isinstance(function, ast.FunctionDef) and not function.name.endswith("_slots"):
                nodes = list(ast.walk(function))
                called = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
                assert called <= own | {"range", "int", "float", "sqrt"}, function.name
                assert not [node for node in nodes if isinstance(node, ast.Pow | ast.FloorDiv)]


def test_only_strategies_import_the_library() -> None:
    """What runs without them does not load it; and it needs no more than its places."""
    imported = re.compile(r"^\s*(?:from|import) (\S*?)\b(?:library)\b", re.M)
    others = [path for path in modules(CORE, AWS, FUNCTIONS, INGEST) if FOLDER not in path.parents]
    users = [short(path) for path in others if imported.search(path.read_text())]
    assert [name for name in users if "/strateg" not in name] == []
    needed = re.compile(r"^from (\.\.\w+) import", re.M)
    outside = {name for path in modules(FOLDER) for name in needed.findall(path.read_text())}
    assert outside == {"..indicators", "..slots"}
