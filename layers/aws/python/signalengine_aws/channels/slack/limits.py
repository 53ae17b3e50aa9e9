"""How much Slack accepts: of a message, and of messages, which is one a second."""

from typing import Final

from ...delivery.pacing import SendLimits

LIMITS: Final = SendLimits(spacing_ms=1_000, breaker=True)
HEADER: Final = 150
TEXT: Final = 3_000
FIELD: Final = 2_000
FIELDS: Final = 10
"""Of one section."""
MOST_FIELDS: Final = 40
"""Of a message, so that it has fewer than Slack's fifty blocks, whatever their widths."""
FALLBACK: Final = 300
