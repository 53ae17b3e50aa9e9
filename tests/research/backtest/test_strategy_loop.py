"""The compiled loop: order of bars, closes, and the shared features that are passed."""

import numpy as np
import pytest
from signalengine.intervals import INTERVALS, MINUTE_MS
from signalengine.snapshot import WIDTH
from signalengine.strategy.loading import load_text
from signalengine.strategy.running import fold_rows, row_of
from signalengine.strategy.sets import set_of

from research.backtest.feed import feed_of_facts
from research.backtest.strategy_loop import closes_of
from research.backtest.strategy_loops import CLOSED, OWN
from tests.research.backtest.sets import CHANNEL_5M, channel, mixed
from tests.research.backtest.walks import START, facts_of, walk

pytestmark = pytest.mark.slow  # numba compiles

FACTS = list(facts_of(walk(3, 4400), 4000))
FEED = feed_of_facts(FACTS)


def test_closes_are_those_of_every_and_values_are_the_plain_ones() -> None:
    one = channel()
    s, values = one.loaded.strategy.fresh(), []
    for fact in FACTS:
        rows = [row_of(bar) for bar in fact.bars if bar.interval == "5m"]
        live = not hasattr(fact, "interval")
        for row in [] if live else rows:
            fold_rows(one.loaded, s, [row], one.parameters)
        if live and fold_rows(one.loaded, s, rows, one.parameters):
            values.append(list(s[:3]))

    found = closes_of(one, FEED)

    assert found.values.tobytes() == np.array(values).tobytes()
    assert (found.answers[:, CLOSED] == 1.0).all()
    times = FEED.bars[found.minute, 0] + MINUTE_MS
    assert (times % (5 * MINUTE_MS) == 0).all()
    assert found.answers[-1, OWN + INTERVALS.index("5m")] == (4400 - 4000 + 4000) // 5
    assert 0 < len(found.entered) < len(found.minute)
    assert found.exits.shape[0] == 0


def test_only_declared_features_are_passed() -> None:
    found = closes_of(mixed(), FEED, exits=True)

    quarter = INTERVALS.index("15m") * WIDTH
    assert np.isfinite(found.features[-1, quarter])
    assert np.isnan(found.features[:, 1:WIDTH]).all()
    assert (found.features[:, 0] == FEED.bars[found.minute, 4]).all()
    assert np.isnan(found.features[:, 3 * WIDTH : 4 * WIDTH]).all()
    assert found.snapshot(3, 7.5)[0] == 7.5
    assert found.snapshot(3, 7.5)[quarter] == found.features[3, quarter]
    assert found.exits.shape == (len(found.minute), 2, found.exits.shape[2])
    assert np.isfinite(found.exits[-1, :, 0]).all()


def test_a_strategy_with_a_clock_is_evaluated_at_its_minute_of_the_week() -> None:
    hour = 60 * MINUTE_MS
    minute = (START // hour * hour + 70 * hour - START) // MINUTE_MS % 10_080
    text = CHANNEL_5M.replace('every="5m"', f'clock={int(minute)}, every="5m"')

    found = closes_of(set_of(load_text(text, "channel.py")), FEED)

    assert [int(FEED.bars[m, 0]) + MINUTE_MS for m in found.minute] == [
        START + int(minute) * MINUTE_MS
    ]
