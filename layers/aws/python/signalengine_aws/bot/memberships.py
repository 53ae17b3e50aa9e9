"""Where the bot is: chats that it was removed from or may write to again, and migrated groups.

A removal has the effect of the refusal that a message would get: a subscription ends, but the
configured chat is parked.
"""

from typing import TYPE_CHECKING, Final, Protocol

from ..channels.telegram.address import within
from ..delivery import pacing
from ..delivery.deliveries import change_address_state
from ..delivery.moves import Moves
from ..delivery.pacing import AddressState
from ..delivery.subscriptions import Subscription, change, preferences_of
from ..ports import Subscriptions
from ..runtime.clock import Clock
from .updates import Migrated, Place, Removed, Welcomed

if TYPE_CHECKING:
    from ..ports import Deliveries

REMOVED: Final = "the bot was removed"


class Addresses(Protocol):
    """The port: the states of all chats and topics that a message was ever sent to."""

    def address_states(self) -> list[AddressState]: ...


class Memberships:
    """Applies updates that are about the bot and a chat; nobody gets an answer."""

    def __init__(
        self,
        *,
        subscriptions: Subscriptions,
        deliveries: "Deliveries",
        addresses: Addresses,
        home: str | None,
        clock: Clock,
    ) -> None:
        self._subscriptions = subscriptions
        self._deliveries = deliveries
        self._addresses = addresses
        self._home = home
        self._clock = clock
        self._moves = Moves(
            deliveries=deliveries, subscriptions=subscriptions, home=home, clock=clock
        )

    def apply(self, update: Removed | Welcomed | Migrated) -> str:
        """Apply an update; return its name for the log."""
        match update:
            case Removed(place=place):
                self._leave(place)
                return "removed"
            case Welcomed(place=place):
                self._resume(place, whole=update.whole)
                return "welcomed"
            case Migrated(place=place):
                self._moves.move(place.channel, str(update.to))
                return "migrated"

    def _leave(self, place: Place) -> None:
        """End the subscriptions of a chat and of its topics; the configured one is parked."""
        home = [self._home] if self._home and within(self._home, place.chat) else []
        topics = [one.channel for one in self._subscriptions.all()]
        keys = [place.chat, *home, *(key for key in topics if within(key, place.chat))]
        for key in dict.fromkeys(keys):
            one = preferences_of(self._subscriptions, key, self._home)
            if one.active:
                self._end(one)

    def _end(self, one: Subscription) -> None:
        now = self._clock()
        if self._moves.is_home(one.channel):
            change_address_state(
                self._deliveries, one.channel, lambda state: pacing.parked(state, now, REMOVED)
            )
        else:
            change(self._subscriptions, one, now, active=False, left_at=now)

    def _resume(self, place: Place, *, whole: bool) -> None:
        """Send to a chat or a topic again: its waiting messages try as they wake up."""
        if whole:
            states = self._addresses.address_states()
            found = [one for one in states if within(one.channel, place.chat)]
        else:
            found = [self._deliveries.address_state(place.channel)]
        for one in filter(pacing.troubled, found):
            change_address_state(self._deliveries, one.channel, pacing.unparked)
