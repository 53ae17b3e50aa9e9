"""The shortened strategies are the shipped one with other windows, and load."""

import pytest
from signalengine.strategy.loading import load_shipped

from research.horizons import strategies
from research.horizons.strategies import crossing, near, shortened, trailed


def test_a_shortened_donchian_decides_at_its_bars_by_the_shipped_functions() -> None:
    for every in ("1d", "4h", "15m"):
        one = shortened(every).loaded
        assert (one.strategy.every, one.intervals) == (every, (every,))
        assert one.strategy.ttl_minutes < load_shipped("donchian").strategy.ttl_minutes
        shipped = load_shipped("donchian").text.partition("def entry(")[2]
        assert one.text.partition("def entry(")[2] == shipped


def test_the_crossings_differ_in_what_they_are_named_for() -> None:
    assert near("1h").parameters == (0.5, 0.5)
    assert crossing("15m").loaded.strategy.ttl_minutes == 360
    assert "trail(out" in trailed("1h").loaded.text
    assert len({one.digest for one in (crossing("1h"), near("1h"), trailed("1h"))}) == 3


def test_a_window_that_the_shipped_file_has_no_more_is_an_error() -> None:
    with pytest.raises(ValueError, match="has no 'gone'"):
        strategies._replaced("text", (("gone", "here"),))
