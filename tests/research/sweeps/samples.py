"""Periods and grids of the sweeps in these tests."""

from signalengine.intervals import DAY_MS

from tests.research.data.recordings import START

PERIOD = (START + 3 * DAY_MS, START + 4 * DAY_MS)
LOOSE = {"threshold": [0.2, 0.3], "cost_gate": [0.0]}
