"""A closed signal in its small form holds what a track record is computed from."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from signalengine.settlement import StoredBar, settle
from signalengine.signals import DIRECTIONS, Event, settled
from signalengine.stats.closed_signal import (
    EARLIER,
    closed_from_json,
    closed_signal,
    closed_to_json,
)
from signalengine.stats.track_record import closed_ones

from tests.aws.positions import T, signal

KINDS = st.sampled_from(["ema_cross", "volume_spike", "rsi_extreme"])
EVENTS = st.lists(st.builds(Event, KINDS, st.just("5m"), st.sampled_from(DIRECTIONS), st.just(0.5),
                            st.just({})), max_size=4)  # fmt: skip


@given(st.sampled_from(DIRECTIONS), st.floats(1e-6, 1e6), st.floats(0.9, 1.1), EVENTS)
def test_it_is_read_as_it_was_stored(
    direction: str, entry: float, moved: float, events: list[Event]
) -> None:
    one = replace(signal(direction=direction, entry=entry, lifetime=1), events=tuple(events))
    price = entry * moved
    end = settle(one, [StoredBar(T, entry, max(entry, price), min(entry, price), price)])
    assert end is not None
    small = closed_signal(one, end)
    assert closed_from_json(closed_to_json(small)) == small
    assert closed_ones([settled(one, end), one]) == [small]
    assert len(closed_to_json(small)) < 500, "thousands of them are read at once"


def test_it_names_the_kinds_that_backed_it_once_each() -> None:
    end = settle(signal(), [StoredBar(T, 100.0, 103.0, 100.0, 102.0)])
    assert end is not None
    kinds = ("volume_spike", "ema_cross", "ema_cross")
    events = tuple(Event(kind, "5m", "long", 0.5, {}) for kind in kinds)
    against = Event("rsi_extreme", "5m", "short", 0.5, {})
    assert closed_signal(replace(signal(), events=(*events, against)), end).kinds == (
        "ema_cross",
        "volume_spike",
    )
    assert closed_signal(replace(signal(), events=(against,)), end).kinds == (EARLIER,)
    assert json.loads(closed_to_json(closed_signal(signal(), end)))["risk"] == 0.01
