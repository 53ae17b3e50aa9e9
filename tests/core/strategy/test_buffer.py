"""The engine's slots of a strategy's buffer: the newest bar, the count, and holes."""

from signalengine.strategy.buffer import begin_bar, torn, warm
from signalengine.strategy.form import Strategy

HOUR = 3_600_000.0


def fresh() -> list[float]:
    return Strategy(name="x", version=1, every="1h").fresh()


def test_a_bar_that_is_not_newer_is_not_counted() -> None:
    s = fresh()

    counted = [begin_bar(s, 3, t * HOUR, HOUR) for t in (1, 1, 0, 2, 1)]

    assert counted == [True, False, False, True, False]
    assert warm(s, 3, 2.0)
    assert not warm(s, 3, 3.0)
    assert not warm(s, 2, 1.0)


def test_a_hole_is_within_the_warm_up_until_so_many_bars_have_followed() -> None:
    s = fresh()
    torn_at = []

    for t in (1, 2, 4, 5, 6, 7):
        begin_bar(s, 3, t * HOUR, HOUR)
        torn_at.append(torn(s, 3, 3.0))

    assert torn_at == [False, False, True, True, False, False]
