"""What push services accept: their protocol's size, and a pace that disturbs nobody."""

from typing import Final

from ...delivery.pacing import SendLimits

LIMITS: Final = SendLimits(spacing_ms=1_000, per_minute=20, expires_ms=86_400_000)
FAILING_MS: Final = 3 * 86_400_000
"""A browser whose messages have failed for so long, none sent between, is subscribed no more."""
BODY: Final = 4_096
"""Bytes of an encrypted body that every service has to accept (RFC 8030, section 7.2)."""
OVERHEAD: Final = 103
"""Of the encryption: a head of 86 bytes, a delimiter, a tag of 16."""
PAYLOAD: Final = BODY - OVERHEAD
TITLE: Final = 120
TEXT: Final = 1_500
"""Bytes of the text; a browser shows the first lines."""
OPENED_TTL_S: Final = (60, 28 * 86_400)
"""Least and most seconds that a service holds an opening: else as long as its signal lasts."""
CLOSED_TTL_S: Final = 4 * 3_600
OTHER_TTL_S: Final = 86_400
