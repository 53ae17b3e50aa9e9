"""An address's pace, shared by all instances: when the next message may be sent, and when none may.

Each message reserves one slot; the channel says how far apart slots are. Pure: times are
wall-clock ms, given by the caller.
"""

from dataclasses import dataclass, replace
from typing import Final

_MINUTE_MS: Final = 60_000
SLOT_GRACE_MS: Final = 30_000
"""A message this late for its slot reserves a new one, so that a backlog is paced too."""
PARKED_MS: Final = 30 * 60_000
"""How long nothing is sent to an address that rejects messages; then one message tries again."""
LONGEST_OUTAGE_PAUSE_MS: Final = 5 * 60_000
REFUSALS: Final = 3
"""So many messages in a row refused for unknown reasons park their address."""


@dataclass(frozen=True, slots=True)
class SendLimits:
    """How often a channel accepts messages for one address."""

    spacing_ms: int
    """Shortest time between two messages."""
    per_minute: int | None = None
    """Messages in any minute; None: no limit beside the spacing."""
    breaker: bool = False
    """An attempt without an answer pauses the address, for twice as long each time."""
    expires_ms: int = 0
    """A message that waits longer than this is given up; 0: none is."""
    digests: bool = True
    """A burst becomes one message."""


@dataclass(frozen=True, slots=True)
class AddressState:
    """What is stored of one address of a channel, under one version."""

    channel: str
    """Channel key: the channel's name and the address, as in `name:address`."""
    version: int = 0
    slots: tuple[int, ...] = ()
    """The newest reserved slots, oldest first: as many as the limits look back on."""
    paused_until: int = 0
    """The service rate-limited us: nothing is sent before this."""
    parked_until: int = 0
    parked_reason: str = ""
    """Why the address cannot be written to; "" while it can."""
    moved_to: str | None = None
    """The address that replaced the first one."""
    refusals: int = 0
    """Messages in a row that were refused for unknown reasons."""
    credentials: str | None = None
    """Of the state of a channel's sender: a digest of the credentials that were refused."""
    outages: int = 0
    """Attempts in a row without an answer, of a channel that pauses its addresses for them."""
    digest: str | None = None
    """The event id of the newest message that groups others; None when none is of interest."""


def next_slot(state: AddressState, now: int, limits: SendLimits) -> int:
    """Return the earliest slot within the limits."""
    slot, per_minute = max(now, state.paused_until), limits.per_minute
    if state.slots:
        slot = max(slot, state.slots[-1] + limits.spacing_ms)
    if per_minute is not None and len(state.slots) >= per_minute:
        slot = max(slot, state.slots[-per_minute] + _MINUTE_MS)
    return slot


def reserve(state: AddressState, now: int, limits: SendLimits) -> tuple[AddressState, int]:
    """Return the address with one more slot, and that slot: the earliest within the limits."""
    slot = next_slot(state, now, limits)
    return replace(state, slots=(*state.slots, slot)[-(limits.per_minute or 1) :]), slot


def behind_ms(state: AddressState, now: int, limits: SendLimits) -> int:
    """Return how long the next message waits for those before it; a pause does not count."""
    return next_slot(state, now, limits) - max(now, state.paused_until)


def slot_holds(state: AddressState, slot: int, now: int) -> bool:
    """Return whether a reserved slot is still valid: not missed, and not from before a pause."""
    return slot >= state.paused_until and now < slot + SLOT_GRACE_MS


def paused(state: AddressState, until: int) -> AddressState:
    return replace(state, paused_until=max(state.paused_until, until))


def broken(state: AddressState, now: int) -> AddressState:
    """Return the address after one more attempt without an answer: paused, longer each time."""
    pause_ms = min(LONGEST_OUTAGE_PAUSE_MS, 1_000 << min(state.outages, 16))
    return replace(paused(state, now + pause_ms), outages=state.outages + 1)


def parked(state: AddressState, now: int, reason: str) -> AddressState:
    return replace(state, parked_until=now + PARKED_MS, parked_reason=reason)


def refused(state: AddressState, now: int, reason: str) -> AddressState:
    """Return the address after one more refusal for an unknown reason; the third parks it."""
    counted = replace(state, refusals=state.refusals + 1)
    return parked(counted, now, reason) if counted.refusals >= REFUSALS else counted


def unparked(state: AddressState) -> AddressState:
    return replace(state, parked_until=0, parked_reason="", refusals=0, credentials=None, outages=0)


def troubled(state: AddressState) -> bool:
    """Return whether an address is parked, or failed since the last message was sent."""
    return bool(state.parked_reason or state.refusals or state.outages)


def moved(state: AddressState, address: str) -> AddressState:
    return replace(state, moved_to=address)
