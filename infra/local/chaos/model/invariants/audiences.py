"""The WebSocket clients have every event, and the published status counts right."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from signalengine.intervals import DAY_MS
from signalengine.signals import Signal
from signalengine_aws.application.daily_counts import INDEXED_MS, read_counted
from signalengine_aws.runtime.clock import day_of
from signalengine_aws.runtime.packed_json import text_of
from signalengine_aws.stores.state import DynamoFeed, Progress

from ..clients import Person
from ..world import World
from .items import due


def clients_lack(world: World, signals: list[Signal]) -> Iterator[str]:
    """Yield the events that a client should have and has not."""
    commits = {one["event_id"]: one["cursor"] for one in world.account.published if "cursor" in one}
    for name, person in world.people.items():
        for event_id in due(signals):
            if _expected(person, event_id, commits.get(event_id, 0)):
                yield f"client {name} never got {event_id}"


def _expected(person: Person, event_id: str, committed_at: int) -> bool:
    """Return whether a client lacks an event that should have reached it.

    Where a post has failed, it knows of those that a status has listed. A closing says what its
    opening does.
    """
    known = {event_id, event_id.replace("#opened", "#closed")} & person.events
    begun = max(person.since or 0, person.reloaded)
    if known or person.since is None or committed_at <= begun:
        return False
    return not person.disturbed or event_id in person.listed


def status_differs(world: World, signals: list[Signal]) -> Iterator[str]:
    """Yield a count of the newest heartbeat that a recount has not."""
    item = world.account.dynamodb.tables["state_table"].items.get(b"#heartbeat")
    if item is None:
        return
    body = json.loads(text_of(item["body"]))
    counted = body["metrics"]["signals_count"]
    today = sum(day_of(one.close_time) == day_of(body["watermark"]) for one in signals)
    if counted is not None and counted != today:
        yield f"status: {counted} signals today, and a recount has {today}"
    yield from _events_differ(world, body)


def _events_differ(world: World, beat: Mapping[str, Any]) -> Iterator[str]:
    """Yield a count of events that a recount has not, once nothing is to be counted again.

    DynamoDB has no index that lacks a write for minutes, as one that lags here may.
    """
    counted, progress = read_counted(beat), DynamoFeed("state_table").read_progress()
    if world.lagging or counted is None or counted.again_until:
        return
    if counted.again_since < _again_after(progress):
        return
    found: Counter[str] = Counter()
    for item in world.account.dynamodb.tables["events_table"].items.values():
        close_time = int(item["close_time"]["N"])
        if not world.foreign.owns(item) and close_time < counted.until:
            found[day_of(close_time)] += 1
    day, before = day_of(counted.until), day_of(counted.until - DAY_MS)
    again = {"day_closes": found[day], "before_closes": found[before]}
    if not world.foreign.counting_began_anew:
        again["closes"] = found.total()
    for name, recount in again.items():
        if getattr(counted, name) not in (None, recount):
            yield f"status: {name} are {getattr(counted, name)}, and a recount has {recount}"


def _again_after(progress: Progress) -> int:
    """Return the wall time (ms) from which on a recount has all bars that came late."""
    return progress.late_at + INDEXED_MS if progress.late_at else 0
