"""How much Discord accepts: of a message, and of messages.

A webhook accepts five requests in two seconds, its channel thirty a minute. All texts of a message
together may have 6,000 characters, of which each part has its share here.
"""

from typing import Final

from ...delivery.pacing import SendLimits

LIMITS: Final = SendLimits(spacing_ms=500, per_minute=30, breaker=True)
TOTAL: Final = 6_000
TITLE: Final = 256
DESCRIPTION: Final = 4_096
HEAD: Final = 1_400
"""Of the description above an opening's fields."""
FIELDS: Final = 24
"""Beside that of the links."""
NAME: Final = 256
VALUE: Final = 1_024
LEVELS: Final = 2_700
"""Of all fields but that of the links."""
FOOTER: Final = 512
