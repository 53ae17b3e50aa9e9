"""The addresses of confirmed subscribers: the one place where an address is stored.

A contact is an item of the table of preferences, in a bucket of its own that no list of
preferences reads. It is removed when the subscription ends, whoever ended it; until the links that
were sent before have expired, its id stays with that time, so that none of them subscribes again.
"""

import json
from dataclasses import dataclass
from typing import Final, Protocol

from ...runtime.aws_errors import mapped
from ...runtime.stored_fields import read_body, versioned
from ...stores.items.base import bind
from ...stores.items.subscriptions import SubscriptionItem
from .address import key_of
from .links import CONFIRMED_WITHIN_MS

BUCKET: Final = "contacts"
ENDED: Final = "ended contacts"
"""The bucket of the ids whose subscriptions ended a short while ago."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A subscriber's address; its text does not show it."""

    contact_id: str
    address: str
    confirmed_at: int
    """Wall time (ms)."""

    def __repr__(self) -> str:
        return f"Contact({self.contact_id})"


class Contacts(Protocol):
    """The stored contacts."""

    def get(self, contact_id: str, /) -> Contact | None: ...

    def put(self, contact: Contact, /) -> None:
        """Store a contact; again is harmless."""
        ...

    def remove(self, contact_id: str, now: int, /) -> None:
        """Remove a contact, and store that it ended `now` (wall ms); again is harmless."""
        ...

    def ended_at(self, contact_id: str, /) -> int:
        """Return when a contact was last removed (wall ms); 0 when links from then are expired."""
        ...


class DynamoContacts:
    """Contacts in DynamoDB; reads are strongly consistent."""

    def __init__(self, table: str) -> None:
        bind(SubscriptionItem, table)

    def get(self, contact_id: str) -> Contact | None:
        with mapped("read a contact"):
            try:
                item = SubscriptionItem.get(BUCKET, key_of(contact_id), consistent_read=True)
            except SubscriptionItem.DoesNotExist:
                return None
        raw = read_body(item.body)
        return Contact(contact_id, str(raw["address"]), int(raw["confirmed_at"]))

    def put(self, contact: Contact) -> None:
        item = SubscriptionItem(
            bucket=BUCKET,
            channel=key_of(contact.contact_id),
            body=_body(contact),
            version=1,
        )
        with mapped("write a contact"):
            item.save()

    def remove(self, contact_id: str, now: int) -> None:
        ended = SubscriptionItem(
            bucket=ENDED,
            channel=key_of(contact_id),
            body=versioned(json.dumps({"ended_at": now}, separators=(",", ":"))),
            version=1,
            ttl=(now + CONFIRMED_WITHIN_MS) // 1000,
        )
        with mapped("remove a contact"):
            ended.save()
            SubscriptionItem(bucket=BUCKET, channel=key_of(contact_id)).delete()

    def ended_at(self, contact_id: str) -> int:
        with mapped("read when a contact ended"):
            try:
                item = SubscriptionItem.get(ENDED, key_of(contact_id), consistent_read=True)
            except SubscriptionItem.DoesNotExist:
                return 0
        return int(read_body(item.body)["ended_at"])


def contact_item(contact: Contact) -> dict[str, dict[str, str]]:
    """Return the item of a contact, as DynamoDB's client takes it."""
    return {
        "bucket": {"S": BUCKET},
        "channel": {"S": key_of(contact.contact_id)},
        "body": {"S": _body(contact)},
        "version": {"N": "1"},
    }


def _body(contact: Contact) -> str:
    values = {"address": contact.address, "confirmed_at": contact.confirmed_at}
    return versioned(json.dumps(values, separators=(",", ":")))
