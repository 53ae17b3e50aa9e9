"""The stand-ins of channels in a local run, and the destinations that are registered for them.

One destination of each channel, named `local`, is in the stack's secret and subscribed, so that
messages arrive at `/channels/` without any setup. Destinations that the operator added stay. One
that was removed or changed by hand is as it was left.
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from signalengine_aws.delivery.subscriptions import Subscription, subscription_item

from . import mail, web_push

NAME: Final = "local"
"""The name of each destination."""
HOST: Final = "127.0.0.1"
CHANNELS: Final = ("discord", "slack", "ntfy", "webhook")
"""Channels of destinations that are named; others have addresses of their own."""


def register(
    client: Callable[[str], Any], outputs: Mapping[str, str], ready: Mapping[str, Any]
) -> None:
    """Put the stand-ins' destinations into a stack's secret, and subscribe those that are new."""
    if not ready:
        return
    store, arn = client("secretsmanager"), outputs["ChannelsSecretArn"]
    known = store.get_secret_value(SecretId=arn)["SecretString"]
    text = mail.with_sender(secret_with(known, ready), ready)
    store.put_secret_value(SecretId=arn, SecretString=text)
    database, now = client("dynamodb"), time.time_ns() // 1_000_000
    for name in destinations(ready):
        try:
            database.put_item(
                TableName=outputs["SubscriptionsTable"],
                Item=subscription_item(Subscription(f"{name}:{NAME}", since=now)),
                ConditionExpression="attribute_not_exists(version)",
            )
        except database.exceptions.ConditionalCheckFailedException:
            continue  # of an earlier run, with whatever preferences it has now
    mail.register(client, outputs, now)
    if web_push.NAME in ready["destinations"]:
        web_push.register(client, outputs, ready)


def parameters(ready: Mapping[str, Any]) -> dict[str, str]:
    """Return the stack's parameters, by which the function for channels runs."""
    return {"ServesChannels": "true"} if ready else {}


def page_of(front: str, ready: Mapping[str, Any]) -> str:
    """Return the page's address for the person here: it holds the run's token."""
    return f"{front}#{ready['control_token']}"


def base_of(ready: Mapping[str, Any]) -> str | None:
    """Return the address of the server; None while there is none."""
    return f"http://{HOST}:{ready['port']}" if ready else None


def secret_with(known: str, ready: Mapping[str, Any]) -> str:
    """Return the secret of destinations with those of the stand-ins.

    Theirs of an earlier run, at another port, are replaced.
    """
    raw = json.loads(known or "{}")
    others = {
        key: one
        for key, one in raw.get("destinations", {}).items()
        if key.partition(":")[2] != NAME
    }
    mine = {f"{name}:{NAME}": _destination(ready, one) for name, one in destinations(ready).items()}
    earlier = {urlsplit(one["url"]).netloc for one in raw.get("destinations", {}).values()}
    used = {urlsplit(one["url"]).netloc for one in others.values() if one.get("url")}
    allowed = [one for one in raw.get("allowed", []) if one not in earlier - used]
    opened = sorted({*allowed, f"{HOST}:{ready['port']}"})
    key = raw.get("public_id_key") or secrets.token_urlsafe(24)
    more = {"public_id_key": key, "allowed": opened, "destinations": {**others, **mine}}
    return json.dumps(raw | more)


def destinations(ready: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    """Return the destination of each channel that has any, as the server describes it."""
    known = ready["destinations"].items()
    return {name: one for name, one in known if name in CHANNELS and name != web_push.NAME}


def _destination(ready: Mapping[str, Any], one: Mapping[str, str]) -> dict[str, str]:
    """Return a destination of the secret; receivers are sent signed requests."""
    fields = {name: value for name, value in one.items() if name not in ("path", "guild")}
    return {"url": f"{base_of(ready)}{one['path']}", **fields}
