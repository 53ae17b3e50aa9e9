"""Telegram's messages: each event once in each chat of its audience, closings as replies.

Twice only in the window from the first byte of a send to the mark of its delivery, and counted.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from signalengine.digests import digest_from_json
from signalengine.signals import Signal

from ..services.expressions import Item
from ..world import World
from .items import due, number


def undelivered(world: World, signals: list[Signal]) -> Iterator[str]:
    """Yield what is wrong with the messages: not once, not at all, or no replies."""
    rows = world.account.dynamodb.tables["deliveries_table"].items
    times = Counter((one.event_id, one.chat_id) for one in world.telegram.sent)
    grouped: Counter[tuple[str, str]] = Counter()
    for event_id in due(signals):
        audience = _audience(rows, event_id)
        if audience is None:
            yield f"telegram: {event_id} has no audience"
            continue
        if event_id.endswith("#closed"):
            opening = event_id.replace("#closed", "#opened")
            if audience != _audience(rows, opening):
                yield f"telegram: {event_id} has another audience than its opening"
        for channel in audience:
            chat = channel.partition(":")[2]
            row = rows.get((event_id.encode(), channel.encode()), {})
            digest = row.get("digest", {}).get("S")
            if digest is not None:
                yield from _in_digest(rows, event_id, channel, row)
                grouped[digest, channel] += 1
                continue
            arrived = times.pop((event_id, chat), 0)
            yield from _delivery(world, event_id, chat, row, arrived)
    for (digest, channel), events in grouped.items():
        chat = channel.partition(":")[2]
        row = rows.get((digest.encode(), channel.encode()), {})
        yield from _delivery(world, digest, chat, row, times.pop((digest, chat), 0))
        said = digest_from_json(row["summary"]["S"]).size
        if said != events:
            yield f"telegram: {digest} to {chat} says {said} signals, and {events} name it"
    yield from (f"telegram: {event} was sent to {chat}, not its audience" for event, chat in times)
    if world.account.queues["telegram"]:
        yield "telegram: messages are left in the queue"
    yield from _replies(world, rows)


def _in_digest(rows: Mapping[Any, Item], event_id: str, channel: str, row: Item) -> Iterator[str]:
    """An event that was grouped has the result and the receipt of its digest."""
    digest = rows.get((row["digest"]["S"].encode(), channel.encode()), {})
    for name in ("status", "message_id"):
        if row.get(name) != digest.get(name):
            yield (
                f"telegram: {event_id} to {channel} has {row.get(name)} as {name}, "
                f"and its digest {digest.get(name)}"
            )


def _audience(rows: Mapping[Any, Item], event_id: str) -> list[str] | None:
    item = rows.get((f"#audience:{event_id}".encode(), b"all"))
    return None if item is None else [one["S"] for one in item["channels"]["L"]]


def _delivery(world: World, event_id: str, chat: str, row: Item, arrived: int) -> Iterator[str]:
    status = row.get("status", {}).get("S")
    if status not in ("delivered", "suppressed"):
        yield f"telegram: {event_id} to {chat} is {status}"
    if status == "delivered" and not arrived:
        yield f"telegram: {event_id} never arrived in {chat}"
    if status == "suppressed" and arrived:
        yield f"telegram: {event_id} to {chat} is suppressed, and has arrived"
    allowed = world.windows[event_id, chat]
    if arrived > 1 + allowed:
        yield f"telegram: {event_id} arrived {arrived} times in {chat}, {allowed} more allowed"
    counted = number(row, "possible_duplicates")
    if status == "delivered" and arrived - 1 > counted:
        yield f"telegram: {event_id} to {chat}: {arrived - 1} duplicates, {counted} counted"


def _replies(world: World, rows: Mapping[Any, Item]) -> Iterator[str]:
    for sent in world.telegram.sent:
        if not sent.event_id.endswith("#closed"):
            continue
        opening = sent.event_id.replace("#closed", "#opened")
        row = rows.get((opening.encode(), f"telegram:{sent.chat_id}".encode()), {})
        receipt = row.get("message_id", {}).get("N")
        if receipt is not None and str(sent.reply_to) != receipt:
            yield f"telegram: {sent.event_id} in {sent.chat_id} is no reply to its opening"
