"""A chat's pace, shared by all instances: when the next message may go, and when none may.

Telegram takes about one message a second in a chat, and 20 a minute in groups and channels. Each
message reserves one slot. Pure: times are wall-clock ms, given by the caller.
"""

from dataclasses import dataclass, replace
from typing import Final

SPACING_MS: Final = 1_000
GROUP_PER_MINUTE: Final = 20
_MINUTE_MS: Final = 60_000
SLOT_GRACE_MS: Final = 30_000
"""A message that comes later than this after its slot reserves anew: a backlog keeps the pace."""
PARKED_MS: Final = 30 * 60_000
"""How long a chat that refuses us is left alone before one message tries again."""


@dataclass(frozen=True, slots=True)
class ChatState:
    """What is known of one chat, under one version."""

    channel: str
    version: int = 0
    slots: tuple[int, ...] = ()
    """The newest reserved slots, oldest first: as many as the rules look back on."""
    paused_until: int = 0
    """Telegram said 429: nothing goes before this."""
    parked_until: int = 0
    parked_reason: str = ""
    """Why the chat cannot be written to; "" while it can."""
    migrated_to: int | None = None


def is_group(chat_id: str) -> bool:
    """True for groups and channels: negative ids and @names."""
    return chat_id.startswith(("-", "@"))


def reserve(chat: ChatState, now: int, *, group: bool) -> tuple[ChatState, int]:
    """Return the chat with one more slot, and that slot: the earliest that breaks no rule."""
    slot = max(now, chat.paused_until)
    if chat.slots:
        slot = max(slot, chat.slots[-1] + SPACING_MS)
    if group and len(chat.slots) >= GROUP_PER_MINUTE:
        slot = max(slot, chat.slots[-GROUP_PER_MINUTE] + _MINUTE_MS)
    kept = (*chat.slots, slot)[-GROUP_PER_MINUTE if group else -1 :]
    return replace(chat, slots=kept), slot


def slot_holds(chat: ChatState, slot: int, now: int) -> bool:
    """True while a reserved slot may still be used: not missed, and not from before a pause."""
    return slot >= chat.paused_until and now < slot + SLOT_GRACE_MS


def paused(chat: ChatState, until: int) -> ChatState:
    return replace(chat, paused_until=max(chat.paused_until, until))


def parked(chat: ChatState, now: int, reason: str) -> ChatState:
    return replace(chat, parked_until=now + PARKED_MS, parked_reason=reason)


def unparked(chat: ChatState) -> ChatState:
    return replace(chat, parked_until=0, parked_reason="")


def migrated(chat: ChatState, chat_id: int) -> ChatState:
    return replace(chat, migrated_to=chat_id)
