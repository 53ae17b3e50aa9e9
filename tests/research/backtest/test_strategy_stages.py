"""A strategy's sets in two stages have the signals of a backtest of their own."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.intervals import MINUTE_MS
from signalengine.strategy.loading import Loaded, load_shipped, load_text
from signalengine.strategy.sets import StrategySet, set_of

from research.backtest.feed import Feed, feed_of_table
from research.backtest.strategy_loop import Folded, folded
from research.backtest.strategy_run import run_sets
from research.backtest.strategy_stages import opened, two_stages
from tests.examples import examples
from tests.research.backtest.sets import MIXED, mixed
from tests.research.backtest.trailing import TRAILING
from tests.research.backtest.walks import START, filed, walk

pytestmark = pytest.mark.slow  # numba compiles

SHORT = load_shipped("donchian").text.replace("1d", "5m").replace("14 * 1440", "40")
STRATEGIES: dict[str, tuple[str, dict[str, tuple[float, float]]]] = {
    "donchian": (SHORT, {"sl_atr": (0.5, 5.0), "tp_atr": (0.5, 5.0)}),
    "mixed": (MIXED, {"far": (0.2, 4.0)}),
    "trailing": (TRAILING, {"far": (0.2, 1.5)}),
}
"""One of an outside fold; targets, features, a score and a way out; components and a trail."""


@cache
def feed() -> Feed:
    table = filed(walk(3, 7000, frozenset(range(5500, 5510))))
    return feed_of_table(table, START + 3000 * MINUTE_MS)


@cache
def loaded(name: str) -> Loaded:
    return load_text(STRATEGIES[name][0], f"{name}.py")


@cache
def shared(name: str) -> Folded:
    """The fold of the defaults, for all sets."""
    return folded(set_of(loaded(name)), feed())


@st.composite
def sets(draw: st.DrawFn, name: str) -> StrategySet:
    ranges = STRATEGIES[name][1]
    rules = {
        "threshold": draw(st.sampled_from([0.0, 0.3, 0.7])),
        "cooldown_s": draw(st.sampled_from([0, 900, 1500.0005])),
        "rearm_s": draw(st.sampled_from([0, 3600])),
        "cost_gate": draw(st.sampled_from([0.0, 1.0])),
    }
    chosen = {key: draw(st.floats(*bounds)) for key, bounds in ranges.items()}
    return set_of(loaded(name), {"parameters": chosen, "rules": rules})


def compare(one: StrategySet, found: Folded) -> int:
    (run,) = run_sets([feed()], one)
    made = opened(one, found, feed())
    ends = [signal.settlement for signal in run.signals]
    assert made.decisions == len(run.decisions)
    times = feed().bars[:, 0] + MINUTE_MS
    assert times[made.signals[:, 1].astype(int)].tolist() == [s.close_time for s in run.signals]
    assert made.signals[:, 2:5].tolist() == [[s.side, s.score, s.entry_price] for s in run.signals]
    assert made.signals[:, 5:7].tolist() == [[s.tp_price, s.sl_price] for s in run.signals]
    assert (made.outcomes[:, 0] != 0.0).tolist() == [end is not None for end in ends]
    assert [
        (float(times[int(row[1])]), row[2], row[3] > 0.0)
        for row in made.outcomes.tolist()
        if row[0] != 0.0
    ] == [(end.closed_at, end.exit_price, end.ambiguous) for end in ends if end is not None]
    return len(run.signals)


@pytest.mark.parametrize("name", STRATEGIES)
@examples(6)
@given(data=st.data())
def test_sets_that_share_a_fold_have_their_own_signals(name: str, data: st.DataObject) -> None:
    compare(data.draw(sets(name)), shared(name))


@pytest.mark.parametrize("name", STRATEGIES)
def test_sets_that_enter_often_are_compared(name: str) -> None:
    loose = {"threshold": 0.0, "cost_gate": 0.0}
    assert compare(set_of(loaded(name), {"rules": loose}), shared(name)) > 5


def test_a_parameter_of_the_fold_makes_another_fold() -> None:
    one = set_of(loaded("donchian"), {"parameters": {"days": 7}, "rules": {"cost_gate": 0.0}})
    other = folded(one, feed())
    assert not np.array_equal(other.values, shared("donchian").values, equal_nan=True)
    assert compare(one, other) > 5


def test_sets_with_protections_and_strategies_that_compare_stay_apart() -> None:
    assert two_stages(mixed())
    assert not two_stages(mixed("stops"))
    assert not two_stages(set_of(load_shipped("momentum")))
