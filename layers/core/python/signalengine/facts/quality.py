"""How good the data behind a fact is: stored with what follows from it, too."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the data behind a fact is."""

    gap_s: float = 0.0
    """Seconds of this symbol's market that could not be repaired, up to this bar."""
    stream_age_ms: int | None = None
    """Exchange ms since the last message of the bar's stream when the bar was sent."""


FLAWLESS: Final = Quality()
"""No gap is known."""
