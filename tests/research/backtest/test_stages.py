"""Two stages are one: a fold shared by policies gives each the signals of its own backtest."""

import ast
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import signalengine
from hypothesis import given
from hypothesis import strategies as st
from signalengine.intervals import MINUTE_MS
from signalengine.policy import Policy

from research.backtest.feed import Feed, feed_of_table
from research.backtest.run import compiled_run
from research.backtest.stages import FOLDED, collect, decided, folded_numbers
from research.data.loader import load
from research.data.series import Liquidations, Steps
from research.policies import varied
from tests.examples import examples
from tests.paths import RECORDINGS
from tests.research.backtest.walks import EAGER, POLICY, START, filed, walk

COMPONENTS = ("trend", "liquidation", "volatility", "vwap", "oi", "structure", "event")


@cache
def feed(seed: int) -> Feed:
    """A market with a hole, open interest, liquidations and funding."""
    table = filed(walk(seed, 7000, frozenset(range(6000, 6010))))
    chance, times = np.random.default_rng(seed), table.open_time
    interest = 1e6 * np.exp(chance.normal(0.0, 0.01, len(times)).cumsum() / 5.0)
    flows = chance.gamma(0.3, 30.0, (2, len(times)))
    funded = times[::240]
    rates = Steps(funded, np.round(chance.normal(0.0, 6e-4, len(funded)), 8))
    whole = replace(
        table, open_interest=Steps(times, interest), funding=rates, funding_rate=rates,
        liquidations=Liquidations(times, flows[0], flows[1]),
    )  # fmt: skip
    return feed_of_table(whole, START + 4000 * MINUTE_MS)


def same(one: Feed, base: Policy, policy: Policy) -> int:
    """Compare the stages, folded for another policy, with one run; returns the signals."""
    run, found = compiled_run(one, policy), collect(one, folded_numbers(base))
    signals, outcomes = decided(found, one, policy)
    assert signals.tobytes() == run.signal_rows.tobytes()
    assert outcomes.tobytes() == run.outcome_rows.tobytes()
    assert len(found.minutes) == len(run.decision_rows)
    assert (found.minutes == run.decision_rows[:, 0]).all()
    return len(signals)


@st.composite
def changes(draw: st.DrawFn) -> dict[str, object]:
    """Anything of a policy but its events and warm-up."""
    parts = [draw(st.integers(0, 9)) for _ in COMPONENTS]
    parts[draw(st.integers(0, 6))] += 1
    weights = {name: n / sum(parts) for name, n in zip(COMPONENTS, parts, strict=True)}
    return {
        "weights": weights,
        "threshold": draw(st.floats(0.05, 0.7)),
        "coverage": draw(st.floats(0.1, 1.0)),
        "tp_atr": draw(st.floats(0.3, 5.0)),
        "sl_atr": draw(st.floats(0.3, 5.0)),
        "ttl_s": 60 * draw(st.integers(1, 300)),
        "cooldown_s": draw(st.sampled_from([0, 300, 1000.5])),
        "rearm_s": draw(st.sampled_from([0, 1800])),
        "cost_gate": draw(st.sampled_from([0.0, 1.0])),
        "fee_bps": draw(st.floats(0.0, 10.0)),
        "atr_interval": draw(st.sampled_from(["1m", "5m", "15m", "1h"])),
        "components.trend_full": draw(st.floats(0.01, 1.0)),
        "components.liq_floor": draw(st.floats(0.001, 0.1)),
        "components.vwap_missing_bars": draw(st.integers(1, 300)),
    }


@examples(25)
@given(seed=st.integers(0, 1), chosen=changes())
def test_signals_and_outcomes_are_those_of_one_run(seed: int, chosen: dict[str, object]) -> None:
    same(feed(seed), POLICY, varied(chosen))


def test_policies_that_emit_have_the_same_signals() -> None:
    assert same(feed(0), POLICY, EAGER) > 5


@pytest.mark.parametrize(
    "chosen",
    [
        {"events.volume_spike.z": 2.0},
        {"events.vwap_reclaim.minutes": 7, "warm_bars": 400},
        {"events.ema_cross.intervals": ["5m"], "events.funding_extreme.rate": 1e-4},
    ],
)
def test_what_is_folded_belongs_to_its_policy(chosen: dict[str, object]) -> None:
    loose = varied(chosen | {"threshold": 0.15, "cost_gate": 0.0})
    assert folded_numbers(loose) != folded_numbers(EAGER)
    same(feed(1), loose, loose)


@pytest.mark.parametrize("place", range(len(POLICY.numbers)))
def test_no_number_outside_changes_a_fold(place: int) -> None:
    """Every number of a policy: the fold reads it by its place in `FOLDED`, or not at all."""
    numbers = list(folded_numbers(POLICY))
    before = collect(feed(0), numbers)
    numbers[place] = 3.0 if place in FOLDED else 12_345.0
    after = collect(feed(0), numbers)
    equal = all(
        getattr(before, name).tobytes() == getattr(after, name).tobytes()
        for name in ("minutes", "features", "unfit")
    )
    assert equal or place in FOLDED


def test_the_fold_takes_nothing_of_a_policy_but_kinds_of_events() -> None:
    """Its modules import no place that all rules share, so they cannot read any."""
    folder = Path(signalengine.__file__).parent
    taken = {
        alias.name
        for name in ("events", "flows", "indicators", "blocks", "snapshot", "layout")
        for node in ast.walk(ast.parse((folder / f"{name}.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("params")
        for alias in node.names
    }
    assert taken == {"EventKind"}


def test_a_span_of_many_blocks_is_one_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("research.backtest.stages._BLOCK_ROWS", 700)
    assert same(feed(0), POLICY, EAGER) > 5


@pytest.mark.skipif(
    not RECORDINGS.exists(), reason="the recorded market data is not on this machine"
)
def test_a_recorded_week_is_the_same_in_two_stages() -> None:
    recorded = feed_of_table(load(RECORDINGS, "SOLUSDT", end="2025-05-28"), "2025-05-21")
    for chosen in ({}, {"threshold": 0.4, "tp_atr": 3.0}, {"ttl_s": 14_400, "threshold": 0.3}):
        assert same(recorded, POLICY, varied(chosen)) > 0
