"""What WebSocket clients have to get while a schedule runs, before anything heals it.

A message reaches each client that was registered, a resume brings what has changed, and a status
lists what has changed lately.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from signalengine_aws.application.connect_websocket import OVERLAP_MS
from signalengine_aws.stores.signals import RECENT_MS, SETTLING_MS

from ..clients import registered
from ..services.fibers import Invocation
from ..world import Signals, World


def changes(world: World, signals: Signals, since: int, until: int) -> set[str]:
    """Return the newest event of each signal that changed in this time (ms)."""
    found = set()
    for item in signals.values():
        signal_id, at = item["signal_id"]["S"], int(item["updated_at"]["N"])
        if signal_id not in world.foreign.signals and since <= at <= until:
            found.add(f"{signal_id}#{'closed' if 'settlement' in item else 'opened'}")
    return found


def failed_for_a_post(invocation: Invocation) -> Iterator[str]:
    """Yield that a broadcast has failed although only posts to clients did."""
    if invocation.happened and all("PostToConnection" in one for one in invocation.happened):
        yield f"broadcast: {invocation.error} for one client's sake"


def left(world: World) -> Iterator[str]:
    """Yield the clients that have left, and are registered after a broadcast."""
    for connection, until in registered(world.account).items():
        if not world.account.clients[connection].there and world.account.now < until:
            yield f"connections: {connection} has left, and is still registered"


def left_meanwhile(world: World, connection: str) -> Iterator[str]:
    """Yield a client that left before its resume was posted, and is registered."""
    there = world.account.clients[connection].there
    if not there and connection in registered(world.account):
        yield f"connections: {connection} has left, and is registered by its resume"


def not_posted(world: World, text: str, before: Mapping[str, int]) -> Iterator[str]:
    """Yield the clients that a broadcast has passed over: they were registered before it."""
    event_id = json.loads(text)["event_id"]
    for connection, until in before.items():
        client = world.account.clients[connection]
        got = any(one.get("event_id") == event_id for one in reversed(client.received))
        if client.there and world.account.now < until and not got:
            yield f"broadcast: {connection} was registered, and {event_id} was not posted to it"


def not_resumed(world: World, connection: str, since: int, before: Signals) -> Iterator[str]:
    """Yield the events that a resume since a cursor should have brought.

    Those of signals stored before it, and those that were broadcast while it ran.
    """
    now, begin = world.account.now, since - OVERLAP_MS
    wanted = changes(world, before, begin, now)
    wanted |= changes(world, _signals(world), begin, now) & world.broadcast
    received = world.account.clients[connection].received
    pages = [one["data"] for one in received if one["type"] in ("connected", "missed")]
    if not pages or pages[-1]["next"] is not None:
        return  # refused, or more is requested at once
    if not pages[0].get("complete", True):
        return  # the client knows that it lacks some, and reloads
    got = {one.get("event_id") for one in received}
    got |= {one["event_id"] for page in pages for one in page["events"]}
    yield from (f"resume: {connection} did not get {one}" for one in sorted(wanted - got))


def status_lacks(
    world: World, status: Mapping[str, Any], since: Mapping[str, int], began: int
) -> Iterator[str]:
    """Yield the events that a status does not list although a client may lack them.

    `since`: when each client was registered (ms). `began`: when the run began that wrote the status
    (ms); what others store while it runs may be listed by the next one only.
    """
    now, known = world.account.now, registered(world.account)
    counted = (one for one, at in since.items() if at <= began)
    if not any(known.get(one, 0) > now for one in counted):
        return
    listed = {event_id for event_id, _ in status["recent"]}
    wanted = changes(world, _signals(world), now - RECENT_MS, began - SETTLING_MS)
    yield from (f"status: {event_id} is not listed" for event_id in sorted(wanted - listed))


def _signals(world: World) -> Signals:
    return world.account.dynamodb.tables["signals_table"].items
