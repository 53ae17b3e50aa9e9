"""A strategy under the laws: its intervals, and that each load is its own."""

from signalengine.intervals import INTERVALS

from research.strategies.subject import differing

from .texts import GOOD, subject


def test_a_market_needs_the_intervals_that_are_folded_decided_or_read() -> None:
    assert subject().intervals == ("1h",)
    assert dict(subject().warm_up) == {"1h": 21}
    other = subject(GOOD.replace('every="1h"', 'every="5m"'))
    assert other.intervals == ("5m", "1h")
    reading = subject(GOOD.replace('every="1h",', 'every="1h",\n    features=("1h",),'))
    assert reading.intervals == INTERVALS


def test_a_fresh_run_has_functions_of_its_own() -> None:
    one = subject()

    assert one.run().loaded is one.loaded
    assert one.fresh().loaded.code.entry is not one.loaded.code.entry


def test_values_that_differ_are_named() -> None:
    nan = float("nan")

    assert list(differing(subject(), (1.0, nan, 3.0), (1.0, nan, 4.0))) == ["bottom"]
