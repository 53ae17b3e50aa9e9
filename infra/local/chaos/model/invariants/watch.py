"""What has to hold while a schedule runs: at each write, publication and send, and after a run.

A run that had no fault and nothing beside it has to leave nothing of what it is there for: what
heals late would not be seen at the end.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from signalengine.errors import MalformedFactError
from signalengine.facts.stream import BarsFact, Fact, decode
from signalengine_aws.application.publish_signals import notification_of
from signalengine_aws.messaging.records import Change
from signalengine_aws.stores.outbox import WAITED_MS

from ..services.expressions import Item
from ..services.fibers import Invocation
from ..services.stream import Record
from ..world import World
from .items import decided, name_of, number, stored_signals
from .times import Times

NEVER_CHANGED: Final = ("bars_table", "events_table", "decisions_table")
COOLDOWN: Final = ("last_scored", "until", "long_until", "short_until")
HEARTBEAT: Final = "#heartbeat"


@dataclass(slots=True)
class Watch:
    """Checks every write, publication and send when it happens."""

    world: World
    violations: list[str] = field(default_factory=list)
    times: Times = field(init=False)
    _holders: dict[str, int] = field(default_factory=dict)
    """Which invocation has leased a delivery, by the delivery's name."""

    def __post_init__(self) -> None:
        self.times = Times(self.world)

    def begin(self) -> None:
        """Watch the world's account."""
        account = self.world.account
        account.dynamodb.written = self._written
        account.on_publish = self._published
        self.world.telegram.before_send = self._sending
        self.world.scheduled = self._scheduled
        self.world.published = self._stream_published
        self.world.tracked = self._tracked
        self.world.minute_over = lambda: self.violations.extend(self.times.exceeded())

    def end(self) -> None:
        """Watch nothing any more."""
        self.world.account.dynamodb.written = lambda *_: None
        self.world.account.on_publish = lambda _: None
        self.world.telegram.before_send = lambda *_: None

    def _fail(self, words: str) -> None:
        self.violations.append(words)

    # --- writes ----------------------------------------------------------------------------------

    def _written(self, table: str, before: Item | None, after: Item | None) -> None:
        if not self.world.account.hub.running:
            return  # a step's own write: another version's item, a subscription
        if table in NEVER_CHANGED and before is not None and _body(before) != _body(after):
            self._fail(f"{table}: a stored item was changed: {name_of(before)}")
        match table:
            case "signals_table":
                self._signal(before, after)
                self.times.written(before, after)
            case "state_table":
                self._state(before, after)
            case "cooldowns_table":
                self._cooldown(before, after)
            case "gaps_table":
                self._gap(before, after)
            case "deliveries_table" if after is not None:
                self._delivery(before, after)

    def _signal(self, before: Item | None, after: Item | None) -> None:
        for name in ("opening", "settlement") if before is not None else ():
            if name in (before or {}) and (after or {}).get(name) != (before or {})[name]:
                self._fail(f"signals: {name} of {name_of(before or {})} was changed")

    def _state(self, before: Item | None, after: Item | None) -> None:
        if before is None:
            return
        if before["symbol"]["S"] == HEARTBEAT:
            old, new = (json.loads(one["body"]["S"])["time"] for one in (before, after or {}))
            if new < old:
                self._fail(f"heartbeat: one of {new} is stored over one of {old}")
        elif not before["symbol"]["S"].startswith("#") and not _newer(before, after, "last"):
            self._fail(f"state: the revision of {name_of(before)} did not rise")

    def _cooldown(self, before: Item | None, after: Item | None) -> None:
        for name in COOLDOWN if before is not None else ():
            if number(after, name) < number(before, name):
                self._fail(f"cooldowns: {name} of {name_of(before or {})} went back")

    def _gap(self, before: Item | None, after: Item | None) -> None:
        if before is None or after is None:
            return
        ended, now = (json.loads(one["body"]["S"])["outcome"] for one in (before, after))
        if now == "open" != ended:
            self._fail(f"gaps: {before['gap_id']['S']} was {ended}, and is open again")

    def _delivery(self, before: Item | None, after: Item) -> None:
        name, current = name_of(after), self.world.account.hub.current
        if after["event_id"]["S"].startswith("#sent"):
            return
        if before is not None and not _newer(before, after, "version"):
            self._fail(f"deliveries: the version of {name} did not rise")
        if before is not None and before.get("status", {}).get("S") == "delivered":
            self._fail(f"deliveries: {name} was delivered, and changed")
        if "lease_until" not in after:
            return
        if number(after, "attempts") > number(before, "attempts"):
            live = number(before, "lease_until") > self.world.account.now
            if live and self._holders.get(name) != current.number:
                self._fail(f"deliveries: {name} was leased while another had the lease")
            self._holders[name] = current.number
        current.lease = (after["event_id"]["S"], after["channel"]["S"])

    # --- publications and sends ------------------------------------------------------------------

    def _published(self, body: dict[str, Any]) -> None:
        if body["kind"] == "status":
            return
        self.times.told(body)
        signal_id, _, kind = body["event_id"].partition("#")
        item = self.world.account.dynamodb.tables["signals_table"].items.get(signal_id.encode())
        if item is None or (kind == "closed" and "settlement" not in item):
            self._fail(f"published before it was stored: {body['event_id']}")

    def _sending(self, invocation: Invocation, chat: str) -> None:
        event_id, channel = invocation.lease or ("", "")
        key = (event_id.encode(), channel.encode())
        item = self.world.account.dynamodb.tables["deliveries_table"].items.get(key, {})
        until = number(item, "lease_until")
        if channel != f"telegram:{chat}" or until <= self.world.account.now:
            self._fail(f"sent without a lease: {event_id} to {chat}")

    # --- after a run -----------------------------------------------------------------------------

    def _scheduled(self, function: str) -> None:
        """A schedule that has run leaves nothing of what it looks for."""
        if function == "track_signals":
            self.violations += unsettled(self.world)
            return
        waited = self.world.account.now - WAITED_MS
        for item in self.world.account.dynamodb.tables["signals_table"].items.values():
            if item["signal_id"]["S"] in self.world.foreign.signals:
                continue
            if "outbox" in item and number(item, "updated_at") <= waited:
                self._fail(f"outbox: {name_of(item)} still waits after the schedule")

    def _tracked(self, records: Sequence[Record]) -> None:
        """Signals that stored bars decide are settled once track_signals has seen those bars."""
        newest: dict[str, int] = {}
        for one in records:
            if one.kind == "bars" and isinstance(fact := _fact(one), BarsFact):
                newest[fact.symbol] = max(newest.get(fact.symbol, 0), fact.close_time)
        for signal in stored_signals(self.world):
            seen = newest.get(signal.symbol)
            if signal.settlement is None and seen and decided(self.world, signal, seen):
                self._fail(f"signals: {signal.signal_id} was not settled with its bars")

    def _stream_published(self, changes: Sequence[Change]) -> None:
        """What the stream has reported is published: it does not wait for the schedule."""
        signals = self.world.account.dynamodb.tables["signals_table"].items
        for change in changes:
            kind = notification_of(change)
            if kind is None or change.after is None:
                continue
            signal_id = change.after["signal_id"]["S"]
            if signal_id in self.world.foreign.signals:
                continue
            item = signals[signal_id.encode()]
            if kind in item.get("pending", {}).get("SS", ()):
                self._fail(f"outbox: {name_of(item)} still waits after its stream")


def unsettled(world: World) -> list[str]:
    """Return what a sweep has left open although the stored bars decide it."""
    return [
        f"signals: {signal.signal_id} was not settled by the sweep"
        for signal in stored_signals(world)
        if signal.settlement is None and decided(world, signal)
    ]


def _fact(record: Record) -> Fact | None:
    try:
        return decode(record.data)
    except MalformedFactError:
        return None


def _body(item: Item | None) -> Any:
    return (item or {}).get("body")


def _newer(before: Item | None, after: Item | None, name: str) -> bool:
    return number(after, name) > number(before, name)
