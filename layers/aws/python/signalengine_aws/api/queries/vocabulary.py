"""Words that the forms of the answers share."""

from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["long", "short"]
Market: TypeAlias = Literal["live", "recording", "simulated"]
Components: TypeAlias = dict[str, float | None]
