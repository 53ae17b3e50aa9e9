"""Deliveries: the state of delivering one event to one address. One item a message, one an address.

Every write is conditional on the version that was read, so two instances never both act on the
same state. Items of messages are stored for 35 days, those of addresses for ever. Times are
wall-clock ms.
"""

import hashlib
import hmac
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pynamodb.attributes import BooleanAttribute, ListAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite
from signalengine.errors import TransientError
from signalengine.facts.typed import typed

from ..runtime.aws_errors import CONDITION, CONFLICT, code_of, lost_conditions, mapped
from ..runtime.clock import Clock, ttl, wall_ms
from ..runtime.retries import attempts
from ..runtime.stored_fields import needed, read_item
from ..stores.items.base import DAY_S, IntegerAttribute, bind, client
from ..stores.items.deliveries import DeliveryItem
from .pacing import AddressState

if TYPE_CHECKING:
    from ..ports import Deliveries

RETENTION_S: Final = 35 * DAY_S
SENT_KEY: Final = "#sent"
"""Event id of the items that count delivered messages; their channel is "#" and `audiences`."""
PACE_KEY: Final = "#pace"
"""Event id of the items of addresses. No event id begins with '#'."""
SENDER: Final = "*"
"""Stands for an address in the key of the state of a channel's sender: no address is called so."""
AUDIENCE_KEY: Final = "#audience:"
"""Before an event's id: the item of its audience; the channel of that item is `ALL`."""
ALL: Final = "all"
AFTER_QUIET: Final = "digest#quiet#"
"""Begins the event id of a digest of quiet hours; the market and the time of their end follow."""
ADDRESSES_AT_ONCE: Final = 50
"""Of a channel, in one read."""
LEASE_MS: Final = 60_000
"""How long a send may be under way before another instance may send again."""
PUBLIC_ID_LENGTH: Final = 12
"""Hexadecimal digits: two of 2,000 addresses share an id in one of 140 million deployments."""


class ConflictError(TransientError):
    """Another instance wrote the item first; read it again."""


class Status(StrEnum):
    """The state of a delivery; all but `waiting` are final."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one address."""

    event_id: str
    channel: str
    """Channel key: the channel's name and the address, as in `name:address`."""
    first_seen_at: int
    version: int = 0
    status: Status = Status.WAITING
    slot_at: int | None = None
    lease_until: int | None = None
    attempts: int = 0
    doubtful: bool = False
    """An attempt got no answer: the message may have arrived. True until the delivery is final."""
    possible_duplicates: int = 0
    """Attempts made although an earlier one may have arrived."""
    receipt: str | None = None
    """The service's id of the message that was sent."""
    sent_at: int | None = None
    close_latency_ms: int | None = None
    """From the close of the deciding bar to the service's answer (meaningless in a replay)."""
    commit_latency_ms: int | None = None
    """From the commit of the signal to the service's answer."""
    publish_latency_ms: int | None = None
    """From the message's arrival in the channel's queue to the service's answer."""
    reason: str | None = None
    public_id: str | None = None
    """The address as unauthenticated readers see it; None without a key, and in older items."""
    digest: str | None = None
    """The event id of the digest that has this event in its message; None: it has its own."""
    summary: str | None = None
    """Of a digest: what its message says, as JSON."""
    sealed_at: int | None = None
    """Of a digest: since when nothing joins it."""

    @property
    def public_channel(self) -> str:
        """The channel key for unauthenticated readers: the channel's name, and the public id."""
        name = self.channel.partition(":")[0]
        return name if self.public_id is None else f"{name}:{self.public_id}"

    @property
    def final(self) -> bool:
        return self.status is not Status.WAITING

    @property
    def collecting(self) -> bool:
        """Whether it is a digest that events may still join: no attempt to send it has begun."""
        untouched = self.sealed_at is None and self.attempts == 0
        return self.summary is not None and untouched and not self.final

    @property
    def may_have_arrived(self) -> bool:
        """Whether an attempt began whose result is not known; a lease is one, until it is ended."""
        return self.doubtful or self.lease_until is not None

    @property
    def message_id(self) -> int | None:
        """The receipt where the service numbers its messages, else None."""
        return _number(self.receipt)


# --- the states of a delivery -------------------------------------------------------------------


def claimed(delivery: Delivery, now: int) -> Delivery:
    """Return it leased for one attempt; counts a possible duplicate after an unclear attempt."""
    again = delivery.may_have_arrived
    return replace(
        delivery,
        lease_until=now + LEASE_MS,
        attempts=delivery.attempts + 1,
        doubtful=again,
        possible_duplicates=delivery.possible_duplicates + int(again),
    )


def released(delivery: Delivery, *, doubtful: bool = False) -> Delivery:
    """Return it released for another attempt; `doubtful` when this one may have arrived.

    An attempt that certainly sent nothing was no duplicate. An earlier one may have arrived still.
    """
    undone = int(delivery.doubtful and not doubtful)
    return replace(
        delivery,
        lease_until=None,
        doubtful=delivery.doubtful or doubtful,
        possible_duplicates=delivery.possible_duplicates - undone,
    )


def delivered(
    delivery: Delivery,
    *,
    receipt: str,
    now: int,
    decided_at: int,
    committed_at: int,
    published_at: int | None = None,
) -> Delivery:
    return replace(
        delivery,
        status=Status.DELIVERED,
        lease_until=None,
        receipt=receipt,
        sent_at=now,
        close_latency_ms=now - decided_at,
        commit_latency_ms=now - committed_at,
        publish_latency_ms=None if published_at is None else now - published_at,
    )


def failed(delivery: Delivery, reason: str) -> Delivery:
    return replace(released(delivery), status=Status.FAILED, reason=reason[:500])


def suppressed(delivery: Delivery, reason: str) -> Delivery:
    return replace(delivery, status=Status.SUPPRESSED, reason=reason)


def due_after_quiet(event_id: str | None) -> int:
    """Return when a digest of quiet hours is due, by its event id; 0 for any other (pure)."""
    if event_id is None or not event_id.startswith(AFTER_QUIET):
        return 0
    return int(event_id.rpartition("#")[2])


def public_id(channel: str, key: bytes) -> str | None:
    """Return the id that shows the same address each time, and nobody without the key which one.

    None for an empty key.
    """
    if not key:
        return None
    return hmac.new(key, channel.encode(), hashlib.sha256).hexdigest()[:PUBLIC_ID_LENGTH]


def change_address_state(
    deliveries: "Deliveries",
    channel: str,
    change: Callable[[AddressState], AddressState],
    known: AddressState | None = None,
) -> AddressState:
    """Apply a pure change to an address's newest state; raises ConflictError while contended.

    No change of another instance is lost. A state that is `known` is tried before it is read again.
    """
    for _ in attempts():
        state, known = known or deliveries.address_state(channel), None
        try:
            return deliveries.save_address_state(change(state))
        except ConflictError:
            continue
    raise ConflictError("the address's pace is contended")


# --- DynamoDB ------------------------------------------------------------------------------------


class DeliveryRecord(DeliveryItem):
    """A message (`event_id` of a signal) or an address (`event_id` = "#pace")."""

    class Meta:
        table_name = ""

    version = IntegerAttribute()
    # of a message
    status = UnicodeAttribute(null=True)
    first_seen_at = IntegerAttribute(null=True)
    slot_at = IntegerAttribute(null=True)
    lease_until = IntegerAttribute(null=True)
    attempts = IntegerAttribute(null=True)
    doubtful = BooleanAttribute(null=True)
    possible_duplicates = IntegerAttribute(null=True)
    message_id = IntegerAttribute(null=True)  # a receipt that is a number
    receipt = UnicodeAttribute(null=True)  # any other
    sent_at = IntegerAttribute(null=True)
    close_latency_ms = IntegerAttribute(null=True)
    commit_latency_ms = IntegerAttribute(null=True)
    publish_latency_ms = IntegerAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    public_id = UnicodeAttribute(null=True)
    digest = UnicodeAttribute(null=True)  # of an address: its newest one
    summary = UnicodeAttribute(null=True)
    sealed_at = IntegerAttribute(null=True)
    # of an audience
    channels: ListAttribute[Any] = ListAttribute(of=UnicodeAttribute, null=True)
    # of an address
    slots: ListAttribute[Any] = ListAttribute(of=IntegerAttribute, null=True)
    paused_until = IntegerAttribute(null=True)
    parked_until = IntegerAttribute(null=True)
    parked_reason = UnicodeAttribute(null=True)
    refusals = IntegerAttribute(null=True)
    outages = IntegerAttribute(null=True)
    migrated_to = IntegerAttribute(null=True)  # a new address that is a number
    moved_to = UnicodeAttribute(null=True)  # any other
    credentials = UnicodeAttribute(null=True)  # of a channel's sender


_DELIVERY_FIELDS: Final = tuple(f.name for f in fields(Delivery) if f.name != "receipt")
_ADDRESS_FIELDS: Final = tuple(
    field.name for field in fields(AddressState) if field.name not in ("channel", "moved_to")
)


class DynamoDeliveries:
    """Deliveries in DynamoDB; reads are strongly consistent.

    `audiences` is the sort key of the audiences and of the count, as `runtime.channels` has it:
    channels that share a table differ in it.
    """

    def __init__(self, table_name: str, clock: Clock = wall_ms, *, audiences: str = ALL) -> None:
        self._model = bind(DeliveryRecord, table_name)
        self._clock = clock
        self._audiences = audiences
        self._sent_key = (SENT_KEY, f"#{audiences}")
        self._uncounted: deque[str] = deque()  # of several threads

    def get(self, event_id: str, channel: str) -> Delivery | None:
        """Raises UnreadableError for one that this version cannot read."""
        record = self._read(event_id, channel)
        return None if record is None else needed("delivery", lambda: _delivery(record))

    def of(self, event_id: str) -> list[Delivery]:
        """Return the deliveries of an event, one an address; those that cannot be read are not."""
        with mapped("query deliveries"):
            records = list(self._model.query(event_id))
        found = [read_item("delivery", event_id, partial(_delivery, one)) for one in records]
        return [delivery for delivery in found if delivery is not None]

    def save(self, delivery: Delivery) -> Delivery:
        saved = replace(delivery, version=delivery.version + 1)
        self._write(self._delivery_record(saved), delivery.version)
        if saved.status is Status.DELIVERED and saved.digest is None:
            self._uncounted.append(saved.event_id)
        return saved

    def save_together(
        self, deliveries: Sequence[Delivery], state: AddressState | None = None
    ) -> None:
        """Store deliveries, none of them delivered, and an address's state in one transaction."""
        known: list[Delivery | AddressState] = [*deliveries, *([] if state is None else [state])]
        records = [
            *(self._delivery_record(replace(one, version=one.version + 1)) for one in deliveries),
            *([] if state is None else [self._state_record(next_version(state))]),
        ]
        try:
            with TransactWrite(connection=client()) as write:
                for one, record in zip(known, records, strict=True):
                    write.save(record, self._unchanged(one.version))
        except TransactWriteError as error:
            lost_conditions(error, "write deliveries")  # raises every other error
            raise ConflictError("a delivery was written by another instance") from error

    def _delivery_record(self, delivery: Delivery) -> DeliveryRecord:
        values = {name: getattr(delivery, name) for name in _DELIVERY_FIELDS}
        values |= _stored(delivery.receipt, number="message_id", text="receipt")
        values |= {"status": delivery.status.value, "ttl": ttl(self._clock, RETENTION_S)}
        return self._model(**values)

    def sent(self) -> int:
        """Return how many messages were delivered; a crash leaves those of its batch uncounted."""
        record = self._read(*self._sent_key)
        return 0 if record is None else record.attempts or 0

    def count(self) -> None:
        """Count what was delivered since the last time: one write for all of it."""
        number = len(self._uncounted)
        if not number:
            return
        with mapped("count deliveries"):
            self._model(*self._sent_key).update(actions=[self._model.attempts.add(number)])
        for _ in range(number):
            self._uncounted.popleft()

    def address_state(self, channel: str) -> AddressState:
        record = self._read(PACE_KEY, channel)
        if record is None:
            return AddressState(channel)
        return needed("state of an address", lambda: _address_state(record))

    def save_address_state(self, state: AddressState) -> AddressState:
        saved = next_version(state)
        self._write(self._state_record(saved), state.version)
        return saved

    def remove_address_state(self, channel: str) -> None:
        """Remove an address's state; again is harmless."""
        with mapped("remove the state of an address"):
            self._model(PACE_KEY, channel).delete()

    def _state_record(self, state: AddressState) -> DeliveryRecord:
        values = {name: getattr(state, name) for name in _ADDRESS_FIELDS}
        values |= _stored(state.moved_to, number="migrated_to", text="moved_to")
        values |= {"slots": list(state.slots), "outages": state.outages or None}
        return self._model(event_id=PACE_KEY, channel=state.channel, **values)

    def address_states(self) -> list[AddressState]:
        """Return the states of all addresses that a message was ever sent to."""
        with mapped("list addresses"):
            records = list(self._model.query(PACE_KEY))
        found = [
            read_item("state of an address", one.channel, partial(_address_state, one))
            for one in records
        ]
        states = [state for state in found if state is not None]
        return [state for state in states if not state.channel.endswith(f":{SENDER}")]

    def address_states_of(self, channel: str) -> Iterator[AddressState]:
        """Yield the states of a channel's addresses, read as they are needed (not consistent)."""
        mine = self._model.channel.startswith(f"{channel}:")
        with mapped("list addresses"):
            for one in self._model.query(PACE_KEY, mine, page_size=ADDRESSES_AT_ONCE):
                read = partial(_address_state, one)
                state = read_item("state of an address", one.channel, read)
                if state is not None and not one.channel.endswith(f":{SENDER}"):
                    yield state

    def audience(self, event_id: str) -> tuple[str, ...] | None:
        record = self._read(AUDIENCE_KEY + event_id, self._audiences)
        return None if record is None else tuple(record.channels or ())

    def save_audience(self, event_id: str, channels: tuple[str, ...]) -> None:
        record = self._model(
            event_id=AUDIENCE_KEY + event_id,
            channel=self._audiences,
            channels=list(channels),
            version=1,
            ttl=ttl(self._clock, RETENTION_S),
        )
        self._write(record, expected=0)

    def _read(self, event_id: str, channel: str) -> DeliveryRecord | None:
        with mapped("read a delivery"):
            try:
                return self._model.get(event_id, channel, consistent_read=True)
            except self._model.DoesNotExist:
                return None

    def _write(self, record: DeliveryRecord, expected: int) -> None:
        with mapped("write a delivery"):
            try:
                record.save(condition=self._unchanged(expected))
            except PutError as error:
                if code_of(error) in (CONDITION, CONFLICT):
                    raise ConflictError("a delivery was written by another instance") from error
                raise

    def _unchanged(self, expected: int) -> Condition:
        if expected == 0:
            return self._model.event_id.does_not_exist()
        return self._model.version == expected


def next_version(state: AddressState) -> AddressState:
    """Return the state under its next version."""
    return replace(state, version=state.version + 1)


def _delivery(record: DeliveryRecord) -> Delivery:
    stored = {name: getattr(record, name) for name in _DELIVERY_FIELDS}
    values = {name: value for name, value in stored.items() if value is not None}
    receipt = _read(record.message_id, record.receipt)
    return typed(Delivery, values, status=Status(record.status), receipt=receipt)


def _address_state(record: DeliveryRecord) -> AddressState:
    stored = {name: getattr(record, name) for name in _ADDRESS_FIELDS}
    values = {name: value for name, value in stored.items() if value is not None}
    slots = tuple(int(slot) for slot in record.slots or ())
    moved_to = _read(record.migrated_to, record.moved_to)
    return AddressState(record.channel, **{**values, "slots": slots, "moved_to": moved_to})


def _number(value: str | None) -> int | None:
    """Return a text's number when it is written in no other way, else None."""
    digits = (value or "").removeprefix("-")
    if value is None or not (digits.isascii() and digits.isdecimal() and len(digits) <= 38):
        return None
    return int(value) if str(int(value)) == value else None


def _stored(value: str | None, *, number: str, text: str) -> dict[str, int | str | None]:
    """Return the two attributes of a text: it is stored as a number where it is one."""
    found = _number(value)
    return {number: found, text: value if found is None else None}


def _read(number: int | None, text: str | None) -> str | None:
    return text if number is None else str(number)
