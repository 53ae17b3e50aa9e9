"""The values of a parameter set on a chart are those that its live evaluations have stored."""

from signalengine.chart.set_values import SetAnchor, set_values
from signalengine.facts.stream import Bar
from signalengine.intervals import MINUTE_MS

from tests.aws.market import bars_facts, history
from tests.core.strategy.test_set_states import COUNT, SETS, SYMBOL, evaluations, steps

LOOSE = SETS[1]
PAST = len(history(SYMBOL))
FACTS = bars_facts(SYMBOL, COUNT)
BARS = [bar for fact in FACTS for bar in fact.bars]


def retained(step: int) -> SetAnchor:
    """The buffer after a number of minutes."""
    close_time = FACTS[step].close_time
    return SetAnchor(close_time, steps()[PAST + step].buffers[LOOSE.key])


def test_they_equal_what_each_evaluation_stored() -> None:
    first = next(n for n in range(COUNT) if LOOSE.key in steps()[PAST + n].buffers)
    values = dict(set_values(LOOSE, BARS, [retained(first)]))
    stored = [one for one in evaluations(LOOSE.key) if one.close_time > FACTS[first].close_time]
    assert len(stored) > 2
    assert {one.close_time: values[one.close_time] for one in stored} == {
        one.close_time: one.values for one in stored
    }
    assert all(at % (5 * MINUTE_MS) == 0 for at in values)


def test_nothing_is_known_before_a_buffer_and_after_a_hole() -> None:
    anchors = [retained(12), retained(33)]
    times = [at for at, _ in set_values(LOOSE, BARS, anchors)]
    assert min(times) > FACTS[12].close_time
    missing = [bar for bar in BARS if bar.open_time < hole_from() or bar.open_time >= hole_end()]
    with_hole = dict(set_values(LOOSE, missing, anchors))
    whole = dict(set_values(LOOSE, BARS, anchors))
    assert with_hole.items() < whole.items()
    unknown = sorted(whole.keys() - with_hole.keys())
    assert unknown[0] > hole_from()
    assert unknown[-1] <= FACTS[33].close_time + 5 * MINUTE_MS
    assert max(with_hole) == max(whole)


def hole_from() -> int:
    return fives()[3].open_time


def hole_end() -> int:
    return fives()[4].open_time


def fives() -> list[Bar]:
    return [bar for bar in BARS if bar.interval == "5m"]
