"""Telegram's send limits, per chat: about one message a second, and 20 a minute for groups.

Telegram tolerates short bursts; here a burst of `BURST` is allowed, so that a bot within the limits
is never refused and one beyond them is refused soon.
"""

from typing import Final

from .chats import Chat

BURST: Final = 3
GROUP_PER_MINUTE: Final = 20
_MINUTE_MS: Final = 60_000
_SECOND_MS: Final = 1_000


class SendLimits:
    """Counts sends; times are wall-clock ms, given by the caller."""

    def __init__(self) -> None:
        self._sent: dict[int, list[int]] = {}

    def retry_after(self, chat: Chat, now: int) -> int:
        """Return 0 and count one send, or the seconds until the next is allowed (not counted)."""
        sent = [at for at in self._sent.get(chat.id, []) if at > now - _MINUTE_MS]
        waits = [_burst_wait(sent, now)]
        if chat.id < 0 and len(sent) >= GROUP_PER_MINUTE:
            waits.append(sent[-GROUP_PER_MINUTE] + _MINUTE_MS - now)
        wait = max(waits)
        if wait <= 0:
            sent.append(now)
        self._sent[chat.id] = sent
        return -(-wait // 1000) if wait > 0 else 0


def _burst_wait(sent: list[int], now: int) -> int:
    """Return ms until a bucket of BURST, refilled once a second, has room again."""
    full_at = 0  # when the bucket would be full again
    for at in sent:
        full_at = max(full_at, at) + _SECOND_MS
    return full_at - now - (BURST - 1) * _SECOND_MS
