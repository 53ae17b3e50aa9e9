"""How often a receiver is sent requests: as fast as events come, within reason."""

from typing import Final

from ...delivery.pacing import SendLimits

LIMITS: Final = SendLimits(spacing_ms=100, breaker=True, digests=False)
"""Programs read each event by itself: no burst becomes a digest."""
