"""Removes what a stack has stored about an address: its rows, and its name in rows of events.

The table of deliveries has its events as keys, so it is read whole: a cent for ten million rows.
Nothing but the address's own rows is written, each write may be repeated, and the subscription goes
first, so that no new event finds the address. A message that is in the queue at that moment, and a
send that is under way, still write the address's key: a delivery, which expires after 35 days at
most; a send that fails also the row of its pace and pauses, until the address is forgotten again,
or that its subscription has ended, for 90 days.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from signalengine_aws.channels.email.address import AddressError, id_of, key_of, read_address
from signalengine_aws.channels.email.contacts import COMPLAINED, ENDED, removal
from signalengine_aws.channels.email.settings import SENDER, read_settings
from signalengine_aws.channels.push.contacts import BUCKET as BROWSERS
from signalengine_aws.channels.telegram.address import chat_of
from signalengine_aws.delivery.deliveries import AUDIENCE_KEY, PACE_KEY
from signalengine_aws.delivery.destinations import read_destinations
from signalengine_aws.delivery.subscriptions import bucket_of, buckets_of
from signalengine_aws.runtime.aws_errors import CANCELLED_CONDITION
from signalengine_aws.runtime.retries import attempts
from signalengine_aws.stores.alerts import BUCKETS as ALERTS
from signalengine_aws.stores.items.base import DAY_S

from infra.errors import CommandError

FORGOTTEN: Final = "#forgotten"
"""Event id of the items that say that an address was forgotten, not which one."""
AUDIT_S: Final = 365 * DAY_S
Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows were removed, or lost the address."""

    channel: str
    """The channel's name, without the address."""
    subscriptions: int
    addresses: int
    """E-mail addresses, complaints, browsers, alerts, and rows of the address's pace and pauses."""
    deliveries: int
    audiences: int


@dataclass(frozen=True, slots=True)
class Forgetting:
    """One stack's tables; `email_secret` is the text of the secret of the channels, "" without."""

    dynamodb: Any
    subscriptions_table: str
    deliveries_table: str
    home: str | None = None
    """The channel key that the stack's own secret names."""
    email_secret: str = ""

    def channel(self, words: str) -> str:
        """Return the channel key of `telegram:ID`, `email:ADDRESS` or another channel's name.

        Raises CommandError.
        """
        name, _, rest = words.strip().partition(":")
        if not name or not rest:
            raise CommandError(
                f"{words} is no address", "Give it with its channel, like telegram:-1001234."
            )
        return self._contact(rest) if name == "email" and "@" in rest else f"{name}:{rest}"

    def _contact(self, words: str) -> str:
        """Return the channel key of an e-mail address, which the stack's key makes."""
        try:
            address = read_address(words)
        except AddressError as error:
            raise CommandError(f"email: {error}") from None
        known = read_destinations(self.email_secret or "{}").destinations.get(SENDER)
        if known is None:
            raise CommandError("this stack sends no e-mail", "It has stored no e-mail address.")
        return key_of(id_of(address, read_settings(known.url, known.fields).key))

    def forget(self, channel: str, now: int) -> Forgotten:
        """Remove what is stored under a channel key, its chat's topics and former ids included.

        `now` is wall ms. Raises CommandError for the chat that the stack's secret names.
        """
        keys = self._keys(channel)
        if self.home in keys:
            raise CommandError(
                "this is the chat that the stack's own secret names",
                "Remove chat_id from the Telegram secret first: without a row it is subscribed.",
            )
        done = Forgotten(
            channel.partition(":")[0],
            subscriptions=sum(self._unsubscribed(key) for key in sorted(keys)),
            addresses=sum(self._named(key) for key in sorted(keys))
            + self._complaints(keys)
            + self._alerts(keys),
            **self._delivered(keys),
        )
        self._note(done, now)
        return done

    def _keys(self, channel: str) -> frozenset[str]:
        """Return the keys that are this address: with its topics, and with what it replaced."""
        rows = [*self._preferences(), *self._states()]
        keys, before = {channel}, set[str]()
        while keys != before:
            before = set(keys)
            keys |= {key for key, moved_to in rows if moved_to in keys or _is_part(key, channel)}
        return frozenset(keys)

    def _preferences(self) -> Iterator[tuple[str, str]]:
        for bucket in buckets_of():
            for item in self._query(self.subscriptions_table, "bucket", bucket):
                yield item["channel"]["S"], _moved_to(item)

    def _states(self) -> Iterator[tuple[str, str]]:
        for item in self._query(self.deliveries_table, "event_id", PACE_KEY):
            key = item["channel"]["S"]
            moved = item.get("moved_to", {}).get("S") or item.get("migrated_to", {}).get("N")
            yield key, f"{key.partition(':')[0]}:{moved}" if moved else ""

    def _unsubscribed(self, key: str) -> int:
        row = {"bucket": {"S": bucket_of(key)}, "channel": {"S": key}}
        return self._removed(self.subscriptions_table, row)

    def _named(self, key: str) -> int:
        state = {"event_id": {"S": PACE_KEY}, "channel": {"S": key}}
        contacts = sum(
            self._removed(self.subscriptions_table, {"bucket": {"S": one}, "channel": {"S": key}})
            for one in (ENDED, BROWSERS)
        )
        return contacts + self._contact_of(key) + self._removed(self.deliveries_table, state)

    def _contact_of(self, key: str) -> int:
        """Remove an e-mail address, and count one less; returns 1 where there was one."""
        for _ in attempts():
            try:
                self.dynamodb.transact_write_items(
                    TransactItems=removal(self.subscriptions_table, key)
                )
            except self.dynamodb.exceptions.TransactionCanceledException as error:
                if error.response["CancellationReasons"][0]["Code"] == CANCELLED_CONDITION:
                    return 0
                continue  # another address was counted at this moment
            return 1
        raise CommandError("the number of subscribers by e-mail is contended", "Try again.")

    def _complaints(self, keys: frozenset[str]) -> int:
        """Remove that mails to the address were complained of."""
        items = list(self._query(self.subscriptions_table, "bucket", COMPLAINED))
        mine = [one for one in items if key_of(json.loads(one["body"]["S"])["contact"]) in keys]
        return sum(
            self._removed(
                self.subscriptions_table, {"bucket": one["bucket"], "channel": one["channel"]}
            )
            for one in mine
        )

    def _alerts(self, keys: frozenset[str]) -> int:
        """Remove the address's price alerts."""
        items = [
            one
            for bucket in ALERTS
            for one in self._query(self.subscriptions_table, "bucket", bucket)
        ]
        mine = [one for one in items if json.loads(one["body"]["S"]).get("channel") in keys]
        return sum(
            self._removed(
                self.subscriptions_table, {"bucket": one["bucket"], "channel": one["channel"]}
            )
            for one in mine
        )

    def _delivered(self, keys: frozenset[str]) -> dict[str, int]:
        """Remove the address's deliveries, and its key from the audiences of events."""
        counts = {"deliveries": 0, "audiences": 0}
        for item in self._every():
            event, key = item["event_id"]["S"], item["channel"]["S"]
            if key in keys:
                row = {"event_id": {"S": event}, "channel": {"S": key}}
                counts["deliveries"] += self._removed(self.deliveries_table, row)
            elif event.startswith(AUDIENCE_KEY):
                counts["audiences"] += self._left(item, keys)
        return counts

    def _left(self, item: Item, keys: frozenset[str]) -> int:
        """Take an address out of an audience; returns 1 where it was in it."""
        known = item.get("channels", {}).get("L", [])
        others = [one for one in known if one["S"] not in keys]
        if len(others) == len(known):
            return 0
        self.dynamodb.update_item(
            TableName=self.deliveries_table,
            Key={"event_id": item["event_id"], "channel": item["channel"]},
            UpdateExpression="SET channels = :others",
            ConditionExpression="channels = :known",
            ExpressionAttributeValues={":others": {"L": others}, ":known": {"L": known}},
        )
        return 1

    def _note(self, done: Forgotten, now: int) -> None:
        """Store that an address was forgotten: when, of which channel, how many rows."""
        when = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        counts = asdict(done)
        self.dynamodb.put_item(
            TableName=self.deliveries_table,
            Item={
                "event_id": {"S": FORGOTTEN},
                "channel": {"S": f"{when}#{secrets.token_hex(4)}"},
                "version": {"N": "1"},
                "reason": {"S": ", ".join(f"{name} {value}" for name, value in counts.items())},
                "ttl": {"N": str(now // 1000 + AUDIT_S)},
            },
        )

    def _removed(self, table: str, key: Item) -> int:
        """Remove a row; returns 1 where there was one."""
        answer = self.dynamodb.delete_item(TableName=table, Key=key, ReturnValues="ALL_OLD")
        return int("Attributes" in answer)

    def _query(self, table: str, name: str, value: str) -> Iterator[Item]:
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression="#name = :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": {"S": value}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    def _every(self) -> Iterator[Item]:
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.deliveries_table,
            ProjectionExpression="event_id, channel, channels",
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]


def _is_part(key: str, channel: str) -> bool:
    """Return whether a key is a topic of a chat of Telegram."""
    name, _, address = key.partition(":")
    return name == "telegram" and f"{name}:{chat_of(address)}" == channel


def _moved_to(item: Item) -> str:
    """Return the key that replaced an address's, by its preferences; "" without one."""
    try:
        return str(json.loads(item["body"]["S"]).get("moved_to") or "")
    except (ValueError, AttributeError, LookupError):
        return ""
