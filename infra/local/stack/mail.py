"""E-mail of a local stack: the mail server of the stand-ins is its sender, and has one mailbox.

A sender that the operator set stays, and that mailbox is removed then: no real server is asked to
deliver to it.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from signalengine_aws.channels.email.address import id_of, key_of
from signalengine_aws.channels.email.contacts import Contact, addition, removal
from signalengine_aws.channels.email.settings import PLAIN, SENDER
from signalengine_aws.delivery.subscriptions import Subscription, subscription_item

ADDRESS: Final = "local@mailbox.invalid"
"""A confirmed subscriber; no mail server anywhere has a domain below `invalid`."""
FROM: Final = "signals@sender.invalid"
LOCAL: Final = "smtp://127.0.0.1:"
"""What the URL of the stand-in begins with, at whatever port."""
KEY_BYTES: Final = 32


def with_sender(known: str, ready: Mapping[str, Any]) -> str:
    """Return the secret of destinations with the stand-in as sender of mail, unless it has another.

    The key that names addresses and signs links stays from run to run.
    """
    raw = json.loads(known or "{}")
    entry = raw.get("destinations", {}).get(SENDER, {})
    if "smtp_port" not in ready or not entry.get("url", LOCAL).startswith(LOCAL):
        return known
    made = {"key": secrets.token_urlsafe(KEY_BYTES), "from": FROM, "tls": PLAIN, "open": "true"}
    sender = made | entry | {"url": f"{LOCAL}{ready['smtp_port']}"}
    return json.dumps(raw | {"destinations": {**raw.get("destinations", {}), SENDER: sender}})


def register(client: Callable[[str], Any], outputs: Mapping[str, str], now: int) -> None:
    """Subscribe the stand-in's mailbox, if it is new; remove it where mail goes out elsewhere."""
    store, database = client("secretsmanager"), client("dynamodb")
    text = store.get_secret_value(SecretId=outputs["ChannelsSecretArn"])["SecretString"]
    entry = json.loads(text)["destinations"].get(SENDER)
    if entry is None:
        return
    contact, table = (
        Contact(id_of(ADDRESS, entry["key"].encode()), ADDRESS, now),
        outputs["SubscriptionsTable"],
    )
    key = key_of(contact.contact_id)
    subscription = subscription_item(Subscription(key, since=now))
    if not entry["url"].startswith(LOCAL):
        place = {name: subscription[name] for name in ("bucket", "channel")}
        database.delete_item(TableName=table, Key=place)
        with suppress(database.exceptions.TransactionCanceledException):  # it was removed before
            database.transact_write_items(TransactItems=removal(table, key))
        return
    try:
        database.put_item(
            TableName=table,
            Item=subscription,
            ConditionExpression="attribute_not_exists(version)",
        )
    except database.exceptions.ConditionalCheckFailedException:
        return  # of an earlier run, with whatever preferences it has now
    with suppress(database.exceptions.TransactionCanceledException):  # it is stored already
        database.transact_write_items(TransactItems=addition(table, contact))
