"""The kinds of events are found where they are defined."""

from math import inf, nan

import pytest
from signalengine.events import EMA_CROSS, MAX_EVENTS
from signalengine.flows import FUNDING_EXTREME
from signalengine.kinds import EVENT_KINDS, KINDS, MOST_AT_ONCE, event_of
from signalengine.signals import Event


def test_every_kind_is_there_once() -> None:
    assert len(set(KINDS)) == len(KINDS) == len(EVENT_KINDS) >= 9
    assert (KINDS[0], KINDS[-1]) == ("ema_cross", "funding_extreme")


def test_the_events_of_one_close_fit_the_row_buffer() -> None:
    assert MOST_AT_ONCE <= MAX_EVENTS


def test_a_row_becomes_an_event_with_its_details_by_name() -> None:
    assert event_of([EMA_CROSS, 2, -1.0, 0.5, 1.25, 3.0]) == Event(
        "ema_cross", "15m", "short", 0.5, {"spread": 1.25, "atr": 3.0}
    )


@pytest.mark.parametrize("unknown", [nan, inf])
def test_a_detail_that_is_unknown_is_left_out(unknown: float) -> None:
    row = [float(FUNDING_EXTREME), 0.0, 1.0, 1.0, unknown, 0.1]
    assert event_of(row).details == {"threshold": 0.1}
