"""Destinations of channels, as a deployment and the doctor see them."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from signalengine.errors import PermanentError, TransientError
from signalengine_aws.channels.http.client import OutboundClient
from signalengine_aws.delivery.deliveries import PACE_KEY
from signalengine_aws.delivery.destinations import (
    Destination,
    DestinationSecret,
    read_destinations,
)

from infra.cli.channels.destinations import SENDER
from infra.cli.cloud import Cloud
from infra.settings import Stage

from .checks import Check

NAME: Final = "channels"
SERVES: Final = "ServesChannels"
"""The parameter by which the queue of channels is read."""
LISTED: Final = "signalengine channel list"
Addresses = Callable[[str], Sequence[str]]
States = Callable[[str], Mapping[str, Any]]


def served(given: Mapping[str, str], stage: Stage, cloud: Cloud) -> dict[str, str]:
    """Return the parameter that keeps the queue read where a stack has destinations."""
    if SERVES in given:
        return {}
    found = destination_secret(stage, cloud)
    return {SERVES: "true"} if found is not None and found.destinations else {}


def channels_check(stage: Stage, cloud: Cloud, states: States) -> Check | None:
    """Return what is wrong with the destinations of a stack; None for a stack without any.

    `states` returns the stored state of an address, by its channel key.
    """
    found = destination_secret(stage, cloud)
    if found is None or not found.destinations:
        return None
    client = OutboundClient(allowed=found.allowed)
    problems = list(_problems(found, client.addresses, states, int(time.time() * 1000)))
    if cloud.parameter(stage.code, SERVES) == "false":
        problems.append("the queue has no alarms, and may not be read: deploy once")
    if problems:
        return Check(NAME, "; ".join(problems), LISTED, required=False)
    return Check(NAME, f"{len(_named(found))} destinations can be reached")


def address_states(client: Any, table: str) -> States:
    """Return a reader of the stored states of addresses."""

    def read(key: str) -> Mapping[str, Any]:
        stored = {"event_id": {"S": PACE_KEY}, "channel": {"S": key}}
        item: Mapping[str, Any] = client.get_item(TableName=table, Key=stored).get("Item", {})
        return item

    return read


def _problems(
    found: DestinationSecret, addresses: Addresses, states: States, now: int
) -> Iterator[str]:
    named = _named(found)
    for key, destination in sorted(found.destinations.items()):
        try:
            if key in named:
                addresses(destination.url)
        except (TransientError, PermanentError) as error:
            yield f"{key}: {error}"
        state = states(key)
        if int(state.get("parked_until", {}).get("N", 0)) > now:
            yield f"{key} is parked: {state.get('parked_reason', {}).get('S', '')}"


def _named(found: DestinationSecret) -> Mapping[str, Destination]:
    """Return what requests go to: without the senders of mail and push, which have no such URL."""
    known = found.destinations.items()
    return {key: one for key, one in known if key.partition(":")[2] != SENDER}


def destination_secret(stage: Stage, cloud: Cloud) -> DestinationSecret | None:
    """Return the secret of a deployed stack; None before there is one."""
    data = cloud.stack(stage.data)
    arn = "" if data is None else data.outputs.get("ChannelsSecretArn", "")
    return read_destinations(cloud.secret(arn)) if arn else None
