"""The operators' commands: subscribers, parked chats, and announcements."""

import json
from typing import Final, Protocol

from signalengine.text.formatting import joined, plain, when
from signalengine.text.languages import counted, t

from ..channels.telegram.channel import TelegramChannel
from ..delivery import pacing
from ..delivery.deliveries import ConflictError
from ..delivery.notifications import ANNOUNCEMENT
from ..delivery.pacing import AddressState
from ..delivery.subscriptions import Subscription, change, preferences_of
from ..ports import Forwarding, Subscriptions
from ..runtime.clock import Clock
from ..runtime.retries import attempts
from .answers import Reply
from .preferences import preferences_line

MAX_WORDS: Final = 2_000
_SHOWN: Final = 20
_PREFIX: Final = f"{TelegramChannel.name}:"


class Chats(Protocol):
    """The port: the states of all chats that a message was ever sent to."""

    def address_state(self, channel: str) -> AddressState: ...

    def address_states(self) -> list[AddressState]: ...

    def save_address_state(self, state: AddressState) -> AddressState: ...


class Operators:
    """Answers operators; the caller has checked that the user is one."""

    def __init__(
        self,
        *,
        subscriptions: Subscriptions,
        chats: Chats,
        queue: Forwarding,
        home: str | None,
        clock: Clock,
    ) -> None:
        self._subscriptions = subscriptions
        self._chats = chats
        self._queue = queue
        self._home = home
        self._clock = clock

    def answer(self, command: str, words: str, update_id: int) -> Reply:
        """Perform one of `replies.ADMIN_COMMANDS`."""
        match command:
            case "subscribers":
                return self._subscribers()
            case "parked":
                return self._parked()
            case "resume":
                return self._resume(words)
            case "remove":
                return self._remove(words)
            case _:
                return self._broadcast(words, update_id)

    def _subscribers(self) -> Reply:
        active = [one for one in self._everyone() if one.active]
        rest = len(active) - _SHOWN
        return Reply(
            joined(
                counted(
                    "👥 <b>{n} chat receives signals</b>",
                    "👥 <b>{n} chats receive signals</b>",
                    len(active),
                    n=len(active),
                ),
                *(preferences_line(one) for one in active[:_SHOWN]),
                t("and {rest} more", rest=rest) if rest > 0 else None,
            )
        )

    def _everyone(self) -> list[Subscription]:
        known = [one for one in self._subscriptions.all() if one.channel.startswith(_PREFIX)]
        if self._home is None or any(one.channel == self._home for one in known):
            return known
        return [Subscription(self._home), *known]

    def _parked(self) -> Reply:
        now = self._clock()
        parked = [
            chat
            for chat in self._chats.address_states()
            if now < chat.parked_until and chat.channel.startswith(_PREFIX)
        ]
        if not parked:
            return Reply(t("No chat is parked."))
        rows = [
            t(
                "<code>{chat}</code> until {time}: {reason}",
                chat=plain(chat.channel.partition(":")[2], 40),
                time=when(chat.parked_until),
                reason=plain(chat.parked_reason, 100),
            )
            for chat in parked[:_SHOWN]
        ]
        return Reply(joined(t("🅿️ <b>Parked</b>"), *rows, t("/resume CHAT tries one again.")))

    def _resume(self, words: str) -> Reply:
        channel = _PREFIX + words.strip()
        for _ in attempts():
            chat = self._chats.address_state(channel)
            if not chat.parked_until:
                return Reply(t("That chat is not parked. /parked shows which are."))
            try:
                self._chats.save_address_state(pacing.unparked(chat))
            except ConflictError:
                continue
            return Reply(
                t("It is written to again as soon as its messages wake up, within 30 min.")
            )
        raise ConflictError("the address's pace is contended")

    def _remove(self, words: str) -> Reply:
        """End a subscription; its waiting messages are suppressed as they wake up."""
        known = preferences_of(self._subscriptions, _PREFIX + words.strip(), self._home)
        if not known.active:
            return Reply(t("That chat receives no signals. /subscribers shows which do."))
        change(self._subscriptions, known, self._clock(), active=False)
        return Reply(t("It receives no more signals until it subscribes again."))

    def _broadcast(self, words: str, update_id: int) -> Reply:
        if not 1 <= len(words) <= MAX_WORDS:
            return Reply(t("What shall I tell? /broadcast and 1 to {n} characters.", n=MAX_WORDS))
        announcement = {
            "kind": ANNOUNCEMENT,
            # a repeated update makes the same event, which is delivered once
            "event_id": f"{ANNOUNCEMENT}#{update_id}",
            "text": words,
            "cursor": self._clock(),
        }
        self._queue.forward([json.dumps(announcement)])
        chats = sum(one.active for one in self._everyone())
        return Reply(
            counted("📣 On its way to {n} chat.", "📣 On its way to {n} chats.", chats, n=chats)
        )
