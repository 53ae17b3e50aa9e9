"""The addresses of confirmed subscribers: the one place where an address is stored.

A contact is an item of the table of preferences, in a bucket of its own that no list of
preferences reads. It is removed when the subscription ends, whoever ended it; until the links that
were sent before have expired, its id stays with that time, so that none of them subscribes again.
Each is stored and removed in one transaction with the counter, so their number is exact.

That a mailbox complained of a mail is stored by its id, for a year.
"""

import json
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite
from signalengine.errors import TransientError

from ...runtime.aws_errors import lost_conditions, mapped
from ...runtime.retries import attempts
from ...runtime.stored_fields import read_body, versioned
from ...stores.items.base import DAY_S, bind, client
from ...stores.items.subscriptions import SubscriptionItem
from .address import NAME, key_of
from .links import CONFIRMED_WITHIN_MS

BUCKET: Final = "contacts"
ENDED: Final = "ended contacts"
"""The bucket of the ids whose subscriptions ended a short while ago."""
COMPLAINED: Final = "complaints"
"""The bucket of the mailboxes that complained of a mail, by ids that their contacts do not have."""
COUNTED: Final = "contact count"
"""The bucket of one item: how many contacts there are."""
COMPLAINED_S: Final = 365 * DAY_S
"""How long a complaint is stored."""
Item = dict[str, dict[str, str]]


class FullError(Exception):
    """There are as many subscribers as there may be."""


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

    def put(self, contact: Contact, most: int, /) -> None:
        """Store a contact, as one of at most `most`; again is harmless. Raises FullError."""
        ...

    def count(self) -> int:
        """Return how many there are."""
        ...

    def remove(self, contact_id: str, now: int, /) -> None:
        """Remove a contact, and store that it ended `now` (wall ms); again is harmless."""
        ...

    def ended_at(self, contact_id: str, /) -> int:
        """Return when a contact was last removed (wall ms); 0 when links from then are expired."""
        ...

    def complain(self, mailbox_id: str, contact_id: str, now: int, /) -> None:
        """Store that a mailbox complained of a contact's mail; again is harmless."""
        ...

    def complained(self, mailbox_id: str, /) -> bool:
        """Return whether a mailbox has complained, and not confirmed a subscription since."""
        ...

    def end_complaint(self, mailbox_id: str, /) -> None:
        """Remove the complaint of a mailbox, which has confirmed a subscription."""
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

    def put(self, contact: Contact, most: int) -> None:
        key = key_of(contact.contact_id)
        item = SubscriptionItem(bucket=BUCKET, channel=key, body=_body(contact), version=1)
        taken = SubscriptionItem.taken
        for _ in attempts():
            try:
                with TransactWrite(connection=client()) as write:
                    write.save(item, SubscriptionItem.bucket.does_not_exist())
                    write.update(
                        _counter(),
                        actions=[taken.add(1)],
                        condition=taken.does_not_exist() | (taken < most),
                    )
            except TransactWriteError as error:
                known, full = lost_conditions(error, "write a contact")
                if known:
                    return
                if full:
                    raise FullError from None
                continue  # another contact was written at this moment
            return
        raise TransientError("the number of contacts is contended")

    def count(self) -> int:
        with mapped("count contacts"):
            try:
                item = SubscriptionItem.get(COUNTED, NAME, consistent_read=True)
            except SubscriptionItem.DoesNotExist:
                return 0
        return int(item.taken or 0)

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
        for _ in attempts():
            try:
                with TransactWrite(connection=client()) as write:
                    write.delete(
                        SubscriptionItem(bucket=BUCKET, channel=key_of(contact_id)),
                        SubscriptionItem.bucket.exists(),
                    )
                    write.update(_counter(), actions=[SubscriptionItem.taken.add(-1)])
            except TransactWriteError as error:
                if lost_conditions(error, "remove a contact")[0]:
                    return
                continue
            return
        raise TransientError("the number of contacts is contended")

    def ended_at(self, contact_id: str) -> int:
        with mapped("read when a contact ended"):
            try:
                item = SubscriptionItem.get(ENDED, key_of(contact_id), consistent_read=True)
            except SubscriptionItem.DoesNotExist:
                return 0
        return int(read_body(item.body)["ended_at"])

    def complain(self, mailbox_id: str, contact_id: str, now: int) -> None:
        item = SubscriptionItem(
            bucket=COMPLAINED,
            channel=key_of(mailbox_id),
            body=versioned(json.dumps({"contact": contact_id}, separators=(",", ":"))),
            version=1,
            ttl=now // 1000 + COMPLAINED_S,
        )
        with mapped("write a complaint"):
            item.save()

    def complained(self, mailbox_id: str) -> bool:
        with mapped("read a complaint"):
            try:
                SubscriptionItem.get(COMPLAINED, key_of(mailbox_id), consistent_read=True)
            except SubscriptionItem.DoesNotExist:
                return False
        return True

    def end_complaint(self, mailbox_id: str) -> None:
        with mapped("remove a complaint"):
            SubscriptionItem(bucket=COMPLAINED, channel=key_of(mailbox_id)).delete()


def _counter() -> SubscriptionItem:
    return SubscriptionItem(bucket=COUNTED, channel=NAME)


def addition(table: str, contact: Contact) -> list[dict[str, Any]]:
    """Return the transaction that stores a contact and counts it, for DynamoDB's client.

    Its first condition fails for a contact that is stored.
    """
    put = {
        "TableName": table,
        "Item": contact_item(contact),
        "ConditionExpression": "attribute_not_exists(version)",
    }
    return [{"Put": put}, {"Update": _counted(table, 1)}]


def removal(table: str, key: str) -> list[dict[str, Any]]:
    """Return the transaction that removes the contact of a channel key, for DynamoDB's client.

    Its first condition fails where there is none.
    """
    delete = {
        "TableName": table,
        "Key": {"bucket": {"S": BUCKET}, "channel": {"S": key}},
        "ConditionExpression": "attribute_exists(version)",
    }
    return [{"Delete": delete}, {"Update": _counted(table, -1)}]


def _counted(table: str, change: int) -> dict[str, Any]:
    return {
        "TableName": table,
        "Key": {"bucket": {"S": COUNTED}, "channel": {"S": NAME}},
        "UpdateExpression": "ADD taken :change",
        "ExpressionAttributeValues": {":change": {"N": str(change)}},
    }


def contact_item(contact: Contact) -> Item:
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
