"""A channel's credentials: while its service refuses them, nothing is sent to any address.

The refusal is one state, beside those of the addresses, with a digest of the refused credentials:
with others, it does not apply. Times are wall-clock ms.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ..runtime.clock import Clock
from . import pacing
from .deliveries import SENDER, change_address_state
from .pacing import AddressState

if TYPE_CHECKING:
    from ..ports import Channel, Deliveries

RECHECK_MS: Final = 15 * 60_000
"""How long a message waits at most: then the credentials may be others."""


class Credentials:
    """The credentials of one channel, as of one invocation: their state is read once."""

    def __init__(self, channel: "Channel[Any]", deliveries: "Deliveries", clock: Clock) -> None:
        self._key = f"{channel.name}:{SENDER}"
        self._digest = channel.credentials
        self._deliveries = deliveries
        self._clock = clock
        self._state: AddressState | None = None

    def refused_until(self) -> int:
        """Return until when messages wait; 0 when these credentials are not refused."""
        state, now = self._known(), self._clock()
        if state.credentials != self._digest or now >= state.parked_until:
            return 0
        return min(state.parked_until, now + RECHECK_MS)

    def refuse(self, reason: str) -> int:
        """Store that the service refuses these credentials; return until when messages wait."""
        now = self._clock()

        def refused(state: AddressState) -> AddressState:
            return replace(pacing.parked(state, now, reason), credentials=self._digest)

        self._state = change_address_state(self._deliveries, self._key, refused)
        return self.refused_until()

    def accept(self) -> None:
        """Store that the service accepts the credentials, if it refused some before."""
        if pacing.troubled(self._known()):
            self._state = change_address_state(self._deliveries, self._key, pacing.unparked)

    def _known(self) -> AddressState:
        if self._state is None:
            self._state = self._deliveries.address_state(self._key)
        return self._state
