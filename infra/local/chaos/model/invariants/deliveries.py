"""Messages of a queue's channels: each event once at each address of its audience.

Twice only in the window from the first byte of a send to the mark of its delivery, and counted.
Closings of Telegram are replies to their openings.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from signalengine.digests import digest_from_json
from signalengine.signals import Signal
from signalengine_aws.runtime.channels import QUEUES

from ..services.account import CHANNELS_QUEUE, TELEGRAM_QUEUE
from ..services.expressions import Item
from ..world import World
from .items import due, number

NAMES: Final = {TELEGRAM_QUEUE: ("telegram",), CHANNELS_QUEUE: ("webhook", "ntfy")}
"""The channels of each queue."""


def undelivered(world: World, signals: list[Signal], queue: str) -> Iterator[str]:
    """Yield what is wrong with the messages of a queue: not once, not at all, or no replies."""
    rows = world.account.dynamodb.tables["deliveries_table"].items
    mine = [one for one in world.arrivals.sent if name_of(one.channel) in NAMES[queue]]
    times = Counter((one.event_id, one.channel) for one in mine)
    grouped: Counter[tuple[str, str]] = Counter()
    for event_id in due(signals):
        audience = _audience(rows, event_id, queue)
        if audience is None:
            yield f"{queue}: {event_id} has no audience"
            continue
        if event_id.endswith("#closed"):
            opening = event_id.replace("#closed", "#opened")
            if audience != _audience(rows, opening, queue):
                yield f"{queue}: {event_id} has another audience than its opening"
        for channel in audience:
            row = rows.get((event_id.encode(), channel.encode()), {})
            digest = row.get("digest", {}).get("S")
            if digest is not None:
                yield from _in_digest(rows, event_id, channel, row)
                grouped[digest, channel] += 1
                continue
            yield from _delivery(world, event_id, channel, row, times.pop((event_id, channel), 0))
    for (digest, channel), events in grouped.items():
        row = rows.get((digest.encode(), channel.encode()), {})
        yield from _delivery(world, digest, channel, row, times.pop((digest, channel), 0))
        said = digest_from_json(row["summary"]["S"]).size
        if said != events:
            yield f"{queue}: {digest} to {channel} says {said} signals, and {events} name it"
    yield from (f"{queue}: {event} was sent to {to}, not its audience" for event, to in times)
    if world.account.queues[queue]:
        yield f"{queue}: messages are left in the queue"
    if queue == TELEGRAM_QUEUE:
        yield from _replies(world, rows)


def name_of(channel: str) -> str:
    return channel.partition(":")[0]


def _in_digest(rows: Mapping[Any, Item], event_id: str, channel: str, row: Item) -> Iterator[str]:
    """An event that was grouped has the result and the receipt of its digest."""
    digest = rows.get((row["digest"]["S"].encode(), channel.encode()), {})
    for name in ("status", "message_id", "receipt"):
        if row.get(name) != digest.get(name):
            yield (
                f"{name_of(channel)}: {event_id} to {channel} has {row.get(name)} as {name}, "
                f"and its digest {digest.get(name)}"
            )


def _audience(rows: Mapping[Any, Item], event_id: str, queue: str) -> list[str] | None:
    item = rows.get((f"#audience:{event_id}".encode(), QUEUES[queue].encode()))
    return None if item is None else [one["S"] for one in item["channels"]["L"]]


def _delivery(world: World, event_id: str, channel: str, row: Item, arrived: int) -> Iterator[str]:
    begin = f"{name_of(channel)}: {event_id}"
    status = row.get("status", {}).get("S")
    if status not in ("delivered", "suppressed"):
        yield f"{begin} to {channel} is {status}"
    if status == "delivered" and not arrived:
        yield f"{begin} never arrived at {channel}"
    if status == "suppressed" and arrived:
        yield f"{begin} to {channel} is suppressed, and has arrived"
    allowed = world.windows[event_id, channel]
    if arrived > 1 + allowed:
        yield f"{begin} arrived {arrived} times at {channel}, {allowed} more allowed"
    counted = number(row, "possible_duplicates")
    if status == "delivered" and arrived - 1 > counted:
        yield f"{begin} to {channel}: {arrived - 1} duplicates, {counted} counted"


def _replies(world: World, rows: Mapping[Any, Item]) -> Iterator[str]:
    for sent in world.arrivals.sent:
        if name_of(sent.channel) != "telegram" or not sent.event_id.endswith("#closed"):
            continue
        opening = sent.event_id.replace("#closed", "#opened")
        row = rows.get((opening.encode(), sent.channel.encode()), {})
        receipt = row.get("message_id", {}).get("N")
        if receipt is not None and str(sent.reply_to) != receipt:
            yield f"telegram: {sent.event_id} to {sent.channel} is no reply to its opening"
