"""The three kinds of market a fact may come from; they are never mixed."""

from typing import Final, Literal, TypeAlias

Market: TypeAlias = Literal["live", "recording", "simulated"]
MARKETS: Final = ("live", "recording", "simulated")
