"""How often one address is sent mail: a burst becomes a digest long before a mailbox is full."""

from typing import Final

from ...delivery.pacing import SendLimits

LIMITS: Final = SendLimits(spacing_ms=2_000, per_minute=10, expires_ms=86_400_000)
PER_SECOND: Final = 10.0
"""Mails of all subscribers together; SES accepts 14 a second of most new accounts."""
