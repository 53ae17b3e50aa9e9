"""How much an ntfy server accepts: of a message, and of messages.

It counts the requests of one address of the Internet, or of one user: sixty, and one more every
five seconds. Twelve a minute never exhaust them, and leave the sixty for others behind the same
address.
"""

from typing import Final

from ...delivery.pacing import SendLimits

LIMITS: Final = SendLimits(spacing_ms=500, per_minute=12, breaker=True)
TITLE: Final = 250
"""Bytes of UTF-8, as all lengths here."""
MESSAGE: Final = 4_096
DOCUMENT: Final = 8_192
ADDRESS: Final = 500
ACTIONS: Final = 3
TAG: Final = 40
REFILL_S: Final = 5
"""Until one more request is accepted: the server does not name a time."""
