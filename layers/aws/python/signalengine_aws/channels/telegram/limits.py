"""How often Telegram accepts messages: about one a second in a chat, 20 a minute in groups."""

from typing import Final

from ...delivery.pacing import SendLimits

SPACING_MS: Final = 1_000
GROUP_PER_MINUTE: Final = 20
PER_SECOND: Final = 28
"""Of all chats together; Telegram accepts about 30, and the bot answers too."""
INSTANCES: Final = 2
"""Invocations of send_telegram at a time, each of which sends its part of them."""
PRIVATE: Final = SendLimits(SPACING_MS)
GROUP: Final = SendLimits(SPACING_MS, per_minute=GROUP_PER_MINUTE)


def limits(address: str) -> SendLimits:
    """Return the limits of a chat or topic; groups and channels have negative ids or @names."""
    return GROUP if address.startswith(("-", "@")) else PRIVATE
