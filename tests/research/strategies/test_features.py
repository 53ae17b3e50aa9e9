"""Shared features in a market of the laws: those of the engine, and only the declared ones."""

from math import isnan

from signalengine.intervals import INTERVALS
from signalengine.snapshot import WIDTH

from research.strategies.features import with_features
from research.strategies.markets import CALM, market

from .texts import GOOD, bars, subject


def test_declared_features_are_known_at_closes_and_no_others() -> None:
    one = subject(
        GOOD.replace('every="1h",', 'every="1h",\n    features=("15m",),').replace(
            '"1h": 21', '"1h": 21, "15m": 30'
        )
    )
    past = dict.fromkeys(one.intervals, 40)
    made = with_features(one, market(CALM, one.intervals, past, 3, "1h"))

    last = next(step for step in reversed(made.live) if step.f)
    assert any(row.interval == "1h" for row in last.rows)
    quarter = INTERVALS.index("15m")
    assert last.f[quarter * WIDTH] == last.rows[0].numbers[4]
    assert all(isnan(x) for x in last.f[1:WIDTH])
    assert last.f[0] == last.rows[0].numbers[4]
    assert not any(step.f for step in made.live if len(step.rows) == 1)


def test_a_strategy_without_features_is_spared_the_fold() -> None:
    assert with_features(subject(), bars()) is bars()
