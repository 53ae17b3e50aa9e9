"""Web Push of a stack: its pair of keys in two secrets, and the browser of the stand-in.

The private key is in the secret of destinations, which the sender reads, the public one in the
API's, which browsers ask. A browser binds its subscription to the key, so a pair stays.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from signalengine_aws.channels.push.channel import SENDER
from signalengine_aws.channels.push.contacts import BUCKET, Browser, contact_item
from signalengine_aws.channels.push.services import key_of
from signalengine_aws.channels.push.vapid import Sender, new_keys
from signalengine_aws.delivery.subscriptions import Subscription, bucket_of, subscription_item

NAME: Final = "push"
OPERATOR: Final = "mailto:operator@localhost.localdomain"
"""Where a push service would reach the operator of a local run."""


@dataclass(frozen=True, slots=True)
class Written:
    """Both secrets with a pair of keys."""

    channels: str
    api: str
    public_key: str
    made: bool
    """The pair is new: browsers that are subscribed have to subscribe again."""


def with_keys(
    channels: str,
    api: str,
    subject: str,
    *,
    new: bool = False,
    allowed: Collection[str] = (),
) -> Written:
    """Return both secrets with the pair that is there, or with a new one (pure, but for chance).

    `subject` is where push services reach the operator, and `allowed` are the hosts of push
    services that the operator opens. Raises ValueError for a stored key that is none.
    """
    channel_secret, api_secret = json.loads(channels or "{}"), json.loads(api or "{}")
    known = channel_secret.get("destinations", {}).get(SENDER, {}).get("private_key", "")
    made = new or not known
    private = new_keys().private if made else str(known)
    public = Sender(private, subject).public
    entry = {"url": subject, "private_key": private}
    channel_secret["destinations"] = {**channel_secret.get("destinations", {}), SENDER: entry}
    api_secret |= {"push_key": public, "push_allowed": sorted(allowed)}
    return Written(json.dumps(channel_secret), json.dumps(api_secret), public, made)


def register(
    client: Callable[[str], Any], outputs: Mapping[str, str], ready: Mapping[str, Any]
) -> None:
    """Give a local stack its keys, and subscribe the stand-in's browser in place of an earlier."""
    secrets, arns = (
        client("secretsmanager"),
        (outputs["ChannelsSecretArn"], outputs["ApiSecretArn"]),
    )
    channels, api = (secrets.get_secret_value(SecretId=arn)["SecretString"] for arn in arns)
    written = with_keys(channels, api, OPERATOR, allowed=[f"127.0.0.1:{ready['port']}"])
    for arn, text in zip(arns, (written.channels, written.api), strict=True):
        secrets.put_secret_value(SecretId=arn, SecretString=text)
    one = ready["destinations"][NAME]
    endpoint = f"http://127.0.0.1:{ready['port']}{one['path']}"
    _subscribe(
        client("dynamodb"),
        outputs["SubscriptionsTable"],
        Browser(endpoint, one["p256dh"], one["auth"]),
    )


def _subscribe(database: Any, table: str, browser: Browser) -> None:
    for key in _of_stand_ins(database, table):
        for bucket in (BUCKET, bucket_of(key)):
            place = {"bucket": {"S": bucket}, "channel": {"S": key}}
            database.delete_item(TableName=table, Key=place)
    preferences = Subscription(key_of(browser.contact_id))
    for item in (contact_item(browser), subscription_item(preferences)):
        database.put_item(TableName=table, Item=item)


def _of_stand_ins(database: Any, table: str) -> list[str]:
    """Return the channel keys of browsers of earlier runs: no real one is on loopback."""
    found = database.query(
        TableName=table,
        KeyConditionExpression="#bucket = :browsers",
        ExpressionAttributeNames={"#bucket": "bucket"},
        ExpressionAttributeValues={":browsers": {"S": BUCKET}},
    )["Items"]
    return [one["channel"]["S"] for one in found if "http://127.0.0.1:" in one["body"]["S"]]
