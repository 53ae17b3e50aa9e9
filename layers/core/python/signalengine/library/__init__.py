"""Standard indicators, one bar at a time, for strategy files."""

from typing import Final

LIBRARY_VERSION: Final = 1
