"""Types of fields that several answers share."""

from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["long", "short"]
Market: TypeAlias = Literal["live", "recording", "simulated"]
Components: TypeAlias = dict[str, float | None]
"""Component scores (0 to 1) by name; null: not known."""
