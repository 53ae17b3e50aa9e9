"""What has to hold while a schedule runs: at each write, publication and send, and after a run.

A run that had no fault and nothing beside it has to leave nothing of what it is there for: what
heals late would not be seen at the end.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from signalengine.errors import MalformedFactError
from signalengine.facts.stream import BarsFact, Fact, HeartbeatFact, decode
from signalengine.policy import Policy
from signalengine.signals import Signal, signal_from_json
from signalengine_aws.application.heartbeats import PAUSE_MS
from signalengine_aws.application.publish_signals import notification_of
from signalengine_aws.application.sets.compared_closes import MARKET_WAIT_MS, MARKET_WAIT_S
from signalengine_aws.delivery.digests import PREFIX as DIGEST
from signalengine_aws.delivery.planning import ORPHAN_MS
from signalengine_aws.messaging.records import Change
from signalengine_aws.messaging.status_pacing import paced
from signalengine_aws.runtime.packed_json import text_of
from signalengine_aws.stores.items.state import PROGRESS_KEY
from signalengine_aws.stores.outbox import WAITED_MS
from signalengine_aws.stores.strategies import CLASSIC

from ..services.expressions import Item
from ..services.fibers import Invocation
from ..services.stream import Record
from ..world import Signals, World
from .arrivals import (
    failed_for_a_post,
    left,
    left_meanwhile,
    not_posted,
    not_resumed,
    status_lacks,
)
from .items import decided, name_of, number, read, stored_signals
from .times import Times

NEVER_CHANGED: Final = ("bars_table", "events_table", "decisions_table")
COOLDOWN: Final = ("last_scored", "until", "long_until", "short_until")
HEARTBEAT: Final = "#heartbeat"
OF_NO_SIGNAL: Final = ("status", "prices", "keepalive")
"""Kinds of messages that say nothing of a signal."""


@dataclass(slots=True)
class Watch:
    """Checks every write, publication and send when it happens."""

    world: World
    policy: Policy
    violations: list[str] = field(default_factory=list)
    times: Times = field(init=False)
    _signals: dict[str, list[Signal]] = field(default_factory=dict)
    """All signals by their symbols."""
    _events: set[str] = field(default_factory=set)
    """Ids of the events that were published."""
    _opened: dict[str, int] = field(default_factory=dict)
    """How often track_signals had run before a signal opened."""
    _waited: dict[int, int] = field(default_factory=dict)
    """The newest close for which an instance has waited."""
    _registered: dict[str, int] = field(default_factory=dict)
    """When each WebSocket client was registered (ms)."""
    _holders: dict[str, int] = field(default_factory=dict)
    """Which invocation has leased a delivery, by the delivery's name."""

    def __post_init__(self) -> None:
        self.times = Times(self.world)

    def begin(self) -> None:
        """Watch the world's account."""
        account = self.world.account
        self._events = {one["event_id"] for one in account.published}
        for signal in stored_signals(self.world):
            self._signals.setdefault(signal.symbol, []).append(signal)
        account.dynamodb.written = self._written
        account.on_publish = self._published
        self.world.arrivals.before_send = self._sending
        self.world.scheduled = self._scheduled
        self.world.published = self._stream_published
        self.world.tracked = self._tracked
        self.world.minute_over = lambda: self.violations.extend(self.times.exceeded())
        self.world.posted = self._posted
        self.world.resumed = self._resumed

    def end(self) -> None:
        """Watch nothing any more."""
        self.world.account.dynamodb.written = lambda *_: None
        self.world.account.on_publish = lambda _: None
        self.world.arrivals.before_send = lambda *_: None

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
            case "decisions_table" if before is None and after is not None:
                self._decision(after)
            case "bars_table" if before is None and after is not None:
                self._entry(after)
            case "cooldowns_table":
                self._cooldown(before, after)
            case "connections_table":
                self._connection(before, after)
            case "gaps_table":
                self._gap(before, after)
            case "deliveries_table" if after is not None:
                self._delivery(before, after)

    def _signal(self, before: Item | None, after: Item | None) -> None:
        if after is not None and "opening" not in after:
            self._fail(f"signals: {name_of(after)} has no opening")
        if before is None and after is not None:
            self._opening(after)
        for name in ("opening", "settlement") if before is not None else ():
            if name in (before or {}) and (after or {}).get(name) != (before or {})[name]:
                self._fail(f"signals: {name} of {name_of(before or {})} was changed")

    def _opening(self, after: Item) -> None:
        """A signal opens outside the cooldowns of its symbol's other signals, whatever was read."""
        new = signal_from_json(after["opening"]["S"])
        others = self._signals.setdefault(new.symbol, [])
        if not self.world.tracking:
            self._opened[new.signal_id] = self.world.tracked_before
        for one in others:
            rearm = self.policy.rearm_ms if one.direction == new.direction else 0
            apart = max(self.policy.cooldown_ms, rearm)
            if abs(one.close_time - new.close_time) < apart:
                self._fail(f"signals: {new.signal_id} is inside a cooldown")
        others.append(new)

    def _state(self, before: Item | None, after: Item | None) -> None:
        if after is not None and not after["symbol"]["S"].startswith("#"):
            self._checkpoint(before, after)
        if before is None:
            return
        if before["symbol"]["S"] == HEARTBEAT:
            self._heartbeat(*(json.loads(text_of(one["body"])) for one in (before, after or {})))

    def _checkpoint(self, before: Item | None, after: Item) -> None:
        """One is made after everything that its entry implies is stored."""
        symbol, evaluated = after["symbol"]["S"], number(after, "evaluated")
        if before is not None and not _newer(before, after, "entry"):
            self._fail(f"state: the checkpoint of {symbol} is not of a newer entry")
        self._stored(symbol, evaluated, "has a checkpoint")

    def _entry(self, after: Item) -> None:
        """An entry follows another, and everything that this one implies is stored."""
        group, _, kind = after["series"]["S"].partition("#")
        place = number(after, "position")
        if kind != "log" or place == 1:
            return
        items = self.world.account.dynamodb.tables["bars_table"].items
        last = items.get((f"{group}#log".encode(), Decimal(place - 1)))
        if last is None:
            self._fail(f"log: entry {place} of group {group} follows none")
            return
        for symbol, one in read(last["data"]["B"]).members.items():
            self._stored(symbol, one.evaluated, "has a newer entry")

    def _stored(self, symbol: str, evaluated: int, words: str) -> None:
        events = self.world.account.dynamodb.tables["events_table"].items
        if evaluated and (CLASSIC.key(symbol).encode(), Decimal(evaluated)) not in events:
            self._fail(f"state: {symbol} {words} before its evaluation of {evaluated} is stored")

    def _heartbeat(self, old: Any, new: Any) -> None:
        """It goes on from the stored one, whichever instance stores it."""
        if new["time"] < old["time"]:
            self._fail(f"heartbeat: one of {new['time']} is stored over one of {old['time']}")
        if (
            new["received_at"] - old["received_at"] <= PAUSE_MS
            and new["up_since"] > old["up_since"]
        ):
            self._fail(f"heartbeat: up since {old['up_since']}, and then since {new['up_since']}")
        if "metered" in old and new["metered"]["since"] != old["metered"]["since"]:
            self._fail("heartbeat: what is metered begins again")
        if "paced" in old and new["paced"] != paced(old, new["received_at"]):
            self._fail(f"heartbeat: paced {new['paced']} after {old['paced']}")

    def _decision(self, after: Item) -> None:
        """A close that names symbols as behind has waited for them."""
        body, current = json.loads(text_of(after["body"])), self.world.account.hub.current
        if not body.get("behind"):
            return
        states = self.world.account.dynamodb.tables["state_table"].items
        t, waited = body["close_time"], self._waited.get(id(current.instance), 0)
        progress = number(states.get(PROGRESS_KEY.encode()), "last")
        long = self.world.account.now - current.began >= MARKET_WAIT_S * 1000
        if not (long or progress >= t + MARKET_WAIT_MS or t <= waited):
            self._fail(f"decisions: {name_of(after)} has not waited for {sorted(body['behind'])}")
        self._waited[id(current.instance)] = max(waited, t)

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
        begun = number(after, "attempts") > number(before, "attempts")
        if begun or ("digest" in after and "digest" not in (before or {})):
            self._closing(after)
        if "lease_until" not in after:
            return
        if begun:
            live = number(before, "lease_until") > self.world.account.now
            if live and self._holders.get(name) != current.number:
                self._fail(f"deliveries: {name} was leased while another had the lease")
            self._holders[name] = current.number
        current.leases[after["channel"]["S"]] = after["event_id"]["S"]

    def _closing(self, after: Item) -> None:
        """A closing is sent, or joins a digest, when its opening is done, or after an hour."""
        opening_id = after["event_id"]["S"].replace("#closed", "#opened")
        if opening_id == after["event_id"]["S"] or opening_id.startswith(DIGEST):
            return
        deliveries = self.world.account.dynamodb.tables["deliveries_table"].items
        opening = deliveries.get((opening_id.encode(), after["channel"]["S"].encode()))
        waited = self.world.account.now - number(after, "first_seen_at")
        if opening is None and waited < ORPHAN_MS:
            self._fail(f"deliveries: {name_of(after)} goes, and its opening was never seen")
        if opening is not None and opening["status"]["S"] == "waiting":
            self._fail(f"deliveries: {name_of(after)} goes before its opening")

    # --- publications and sends ------------------------------------------------------------------

    def _published(self, body: dict[str, Any]) -> None:
        if body["kind"] == "status":
            current = self.world.account.hub.current
            if not (current.faults or current.lag):
                self.violations += status_lacks(
                    self.world, body["status"], self._registered, current.began
                )
            return
        if body["kind"] in OF_NO_SIGNAL:
            return
        self.times.publication(body)
        signal_id, _, kind = body["event_id"].partition("#")
        self._events.add(body["event_id"])
        if kind == "closed" and f"{signal_id}#opened" not in self._events:
            self._fail(f"published before its opening: {body['event_id']}")
        if kind == "opened" and body["signal"]["status"] != "open":
            self._fail(f"published as it is now: {body['event_id']}")
        item = self.world.account.dynamodb.tables["signals_table"].items.get(signal_id.encode())
        if item is None or (kind == "closed" and "settlement" not in item):
            self._fail(f"published before it was stored: {body['event_id']}")

    def _sending(self, invocation: Invocation, channel: str) -> None:
        event_id = invocation.leases.get(channel, "")
        key = (event_id.encode(), channel.encode())
        item = self.world.account.dynamodb.tables["deliveries_table"].items.get(key, {})
        until = number(item, "lease_until")
        if until <= self.world.account.now:
            self._fail(f"sent without a lease: {event_id} to {channel}")

    # --- WebSocket clients ------------------------------------------------------------------------

    def _connection(self, before: Item | None, after: Item | None) -> None:
        if before is None and after is not None:
            self._registered[after["connection_id"]["S"]] = self.world.account.now
        elif before is not None and after is None:
            del self._registered[before["connection_id"]["S"]]

    def _posted(self, invocation: Invocation, text: str, before: Mapping[str, int]) -> None:
        if invocation.error and not invocation.crashed:
            self.violations += failed_for_a_post(invocation)
        elif invocation.faults or any(f'"kind":"{one}"' in text for one in OF_NO_SIGNAL):
            return
        else:
            self.violations += [*left(self.world), *not_posted(self.world, text, before)]

    def _resumed(
        self, invocation: Invocation, connection: str, since: int | None, before: Signals
    ) -> None:
        if invocation.crashed or invocation.error or invocation.happened:
            return
        self.violations += left_meanwhile(self.world, connection)
        if since is not None and self.world.account.clients[connection].there:
            self.violations += not_resumed(self.world, connection, since, before)

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
        """Signals that stored bars decide are settled once track_signals has seen those bars.

        One that no invocation can have read before, at once.
        """
        newest: dict[str, int] = {}
        facts = [_fact(one) for one in records]
        for fact in facts:
            if isinstance(fact, BarsFact):
                newest[fact.symbol] = max(newest.get(fact.symbol, 0), fact.close_time)
        reads = any(isinstance(fact, BarsFact | HeartbeatFact) for fact in facts)
        for signal in stored_signals(self.world) if reads else ():
            if signal.settlement is not None:
                continue
            seen = newest.get(signal.symbol)
            new = self._opened.get(signal.signal_id) == self.world.tracked_before
            if seen and decided(self.world, signal, seen):
                self._fail(f"signals: {signal.signal_id} was not settled with its bars")
            elif new and decided(self.world, signal):
                self._fail(f"signals: {signal.signal_id} was not settled when it was new")

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
    return (item or {}).get("body"), (item or {}).get("data")


def _newer(before: Item | None, after: Item | None, name: str) -> bool:
    return number(after, name) > number(before, name)
