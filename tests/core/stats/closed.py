"""Closed signals in their small form, made by hand."""

from dataclasses import replace
from typing import Any

from signalengine.settlement import StoredBar, settle
from signalengine.stats.closed_signal import ClosedSignal, closed_signal

from tests.aws.positions import T, signal


def closed(**changes: Any) -> ClosedSignal:
    """A signal that reached its TP, but for the changes."""
    end = settle(signal(), [StoredBar(T, 100.0, 103.0, 100.0, 102.0)])
    assert end is not None
    return replace(closed_signal(signal(), end), **changes)
