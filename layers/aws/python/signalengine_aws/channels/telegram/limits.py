"""How often Telegram accepts messages: about one a second in a chat, 20 a minute in groups."""

from typing import Final

from ...delivery.pacing import SendLimits

SPACING_MS: Final = 1_000
GROUP_PER_MINUTE: Final = 20
PRIVATE: Final = SendLimits(SPACING_MS)
GROUP: Final = SendLimits(SPACING_MS, per_minute=GROUP_PER_MINUTE)


def limits(address: str) -> SendLimits:
    """Return the limits of a chat or topic; groups and channels have negative ids or @names."""
    return GROUP if address.startswith(("-", "@")) else PRIVATE
