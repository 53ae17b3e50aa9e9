"""How often Telegram accepts messages: about one a second in a chat, 20 a minute in groups."""

from dataclasses import replace
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


def limits(address: str, spacing_ms: int = SPACING_MS) -> SendLimits:
    """Return the limits of a chat or topic; groups and channels have negative ids or @names.

    `spacing_ms` is the shortest time between two messages that is wanted: one that Telegram would
    not accept counts as its own.
    """
    of_telegram = GROUP if address.startswith(("-", "@")) else PRIVATE
    return replace(of_telegram, spacing_ms=max(spacing_ms, of_telegram.spacing_ms))
