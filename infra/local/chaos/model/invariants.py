"""What has to hold: while a schedule runs, and of what it leaves, against an undisturbed run."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from signalengine.digests import digest_from_json
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Signal, settled, settlement_from_dict, signal_from_json
from signalengine.stats.performance import Performance, add
from signalengine_aws.application.publish_signals import notification_of
from signalengine_aws.messaging.records import Change
from signalengine_aws.runtime.clock import day_of
from signalengine_aws.stores.bars import stored_bar
from signalengine_aws.stores.outbox import WAITED_MS
from signalengine_aws.stores.performance import DAY_PREFIX

from .services.account import LETTERS
from .services.expressions import Item
from .services.fibers import Invocation
from .world import Person, World

NEVER_CHANGED: Final = ("bars_table", "events_table", "decisions_table")
LEFT_OUT: Final = frozenset(
    {"ttl", "updated_at", "updated_day", "version", "outbox", "pending", "open", "known_from"}
)
"""Attributes that depend on the wall clock or the stream's numbers, or are compared elsewhere."""
COMPARED: Final = (
    "bars_table", "events_table", "decisions_table", "signals_table", "cooldowns_table",
    "performance_table", "state_table",
)  # fmt: skip
RESOLUTION: Final = ("resolution", "touched_at")
"""Fields of a settlement by which a tick differs from its bar."""


@dataclass(slots=True)
class Watch:
    """Checks every write, publication and send when it happens."""

    world: World
    violations: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Watch the world's account."""
        account = self.world.account
        account.dynamodb.written = self._written
        account.on_publish = self._published
        self.world.telegram.before_send = self._sending
        self.world.scheduled = self._scheduled
        self.world.published = self._stream_published

    def _fail(self, words: str) -> None:
        self.violations.append(words)

    def _written(self, table: str, before: Item | None, after: Item | None) -> None:
        if table in NEVER_CHANGED and before is not None and _body(before) != _body(after or {}):
            self._fail(f"{table}: a stored item was changed: {_name(before)}")
        if table == "signals_table" and before is not None:
            for name in ("opening", "settlement"):
                if name in before and (after or {}).get(name) != before[name]:
                    self._fail(f"signals: {name} of {_name(before)} was changed")
        symbol = table == "state_table" and not (after or {})["symbol"]["S"].startswith("#")
        if symbol and before is not None and not _newer(before, after or {}, "last"):
            self._fail(f"state: the revision of {_name(before)} did not rise")
        if table == "gaps_table" and before is not None and after is not None:
            ended, now = (json.loads(one["body"]["S"])["outcome"] for one in (before, after))
            if now == "open" != ended:
                self._fail(f"gaps: {before['gap_id']['S']} was {ended}, and is open again")
        if table == "deliveries_table" and after is not None:
            self._delivery(before, after)

    def _delivery(self, before: Item | None, after: Item) -> None:
        if after["event_id"]["S"].startswith("#sent"):
            return
        if before is not None and not _newer(before, after, "version"):
            self._fail(f"deliveries: the version of {_name(before)} did not rise")
        if before is not None and before.get("status", {}).get("S") == "delivered":
            self._fail(f"deliveries: {_name(before)} was delivered, and changed")
        if "lease_until" in after and self.world.account.hub.running:
            current = self.world.account.hub.current
            current.lease = (after["event_id"]["S"], after["channel"]["S"])

    def _published(self, body: dict[str, Any]) -> None:
        if body["kind"] == "status":
            return
        signal_id, _, kind = body["event_id"].partition("#")
        item = self.world.account.dynamodb.tables["signals_table"].items.get(signal_id.encode())
        if item is None or (kind == "closed" and "settlement" not in item):
            self._fail(f"published before it was stored: {body['event_id']}")

    def _scheduled(self, function: str) -> None:
        """A schedule that has run leaves nothing of what it looks for."""
        if function == "track_signals":
            self.violations += unsettled(self.world)
            return
        waited = self.world.account.now - WAITED_MS
        for item in self.world.account.dynamodb.tables["signals_table"].items.values():
            if "outbox" in item and int(item["updated_at"]["N"]) <= waited:
                self._fail(f"outbox: {_name(item)} still waits after the schedule")

    def _stream_published(self, changes: Sequence[Change]) -> None:
        """What the stream has reported is published: it does not wait for the schedule."""
        for change in changes:
            kind = notification_of(change)
            if kind is None or change.after is None:
                continue
            item = self._signal(change.after["signal_id"]["S"])
            if kind in item.get("pending", {}).get("SS", ()):
                self._fail(f"outbox: {_name(item)} still waits after its stream")

    def _signal(self, signal_id: str) -> Item:
        return self.world.account.dynamodb.tables["signals_table"].items[signal_id.encode()]

    def _sending(self, invocation: Invocation, chat: str) -> None:
        event_id, channel = invocation.lease or ("", "")
        key = (event_id.encode(), channel.encode())
        item = self.world.account.dynamodb.tables["deliveries_table"].items.get(key, {})
        until = int(item.get("lease_until", {}).get("N", "0"))
        if channel != f"telegram:{chat}" or until <= self.world.account.now:
            self._fail(f"sent without a lease: {event_id} to {chat}")


def _body(item: Item) -> Any:
    return item.get("body")


def _name(item: Item) -> str:
    names = ("series", "signal_id", "symbol", "event_id", "open_time", "close_time", "channel")
    return " ".join(next(iter(item[name].values())) for name in names if name in item)


def _newer(before: Item, after: Item, name: str) -> bool:
    return int(after.get(name, {"N": "0"})["N"]) > int(before.get(name, {"N": "0"})["N"])


# --- what a run leaves ---------------------------------------------------------------------------

Outcome = Mapping[str, Mapping[Any, Any]]


def outcome(world: World) -> Outcome:
    """Return what a run leaves in the tables, without what depends on the wall clock."""
    tables = world.account.dynamodb.tables
    return {
        name: {
            key: _compared(item)
            for key, item in tables[name].items.items()
            if not (name == "state_table" and key.startswith(b"#"))
        }
        for name in COMPARED
    }


def _compared(item: Item) -> Any:
    chosen = {name: value for name, value in item.items() if name not in LEFT_OUT}
    if "settlement" in chosen:
        raw = json.loads(chosen["settlement"]["S"])
        chosen["settlement"] = {n: v for n, v in raw.items() if n not in RESOLUTION}
    return chosen


def violations(world: World, expected: Outcome) -> Iterator[str]:
    """Yield what does not hold after a run has come to rest."""
    yield from world.errors
    found = outcome(world)
    for name in COMPARED:
        yield from _differences(name, expected[name], found[name])
    signals = stored_signals(world)
    yield from _not_settled(world, signals)
    yield from _statistics(world, signals)
    yield from _publications(world, signals)
    yield from _telegram(world, signals)
    yield from _people(world, signals)
    yield from _status(world, signals)
    yield from _ledger(world)


def _differences(name: str, expected: Mapping[Any, Any], found: Mapping[Any, Any]) -> Iterator[str]:
    for key in sorted(expected.keys() | found.keys(), key=repr):
        if key not in found:
            yield f"{name}: {key} is missing"
        elif key not in expected:
            yield f"{name}: {key} is not in the undisturbed run"
        elif expected[key] != found[key]:
            yield f"{name}: {key} differs: {_changes(expected[key], found[key])}"


def _changes(expected: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    names = sorted(n for n in expected.keys() | found.keys() if expected.get(n) != found.get(n))
    return "; ".join(f"{n}: {expected.get(n)!s} expected, {found.get(n)!s} found" for n in names)


def stored_signals(world: World) -> list[Signal]:
    """Return all signals, closed ones with their settlement."""
    found = []
    for item in world.account.dynamodb.tables["signals_table"].items.values():
        signal = signal_from_json(item["opening"]["S"])
        end = item.get("settlement")
        if end is not None:
            signal = settled(signal, settlement_from_dict(json.loads(end["S"])))
        found.append(signal)
    return sorted(found, key=lambda signal: (signal.close_time, signal.symbol))


def decided(world: World, signal: Signal) -> bool:
    """Return whether the stored bars decide a signal."""
    return settle(signal, _stored_bars(world, signal.symbol)) is not None


def unsettled(world: World) -> list[str]:
    """Return what a sweep has left open although the stored bars decide it."""
    return [
        f"signals: {signal.signal_id} was not settled by the sweep"
        for signal in stored_signals(world)
        if signal.settlement is None and decided(world, signal)
    ]


def _stored_bars(world: World, symbol: str) -> list[StoredBar]:
    series = f"{symbol}#1m"
    items = world.account.dynamodb.tables["bars_table"].items.values()
    bars = [stored_bar(one["body"]["S"]) for one in items if one["series"]["S"] == series]
    return sorted(bars, key=lambda bar: bar.open_time)


def _not_settled(world: World, signals: list[Signal]) -> Iterator[str]:
    items = world.account.dynamodb.tables["signals_table"].items
    for signal in signals:
        item = items[signal.signal_id.encode()]
        if ("open" in item) != (signal.settlement is None):
            yield f"signals: {signal.signal_id} is both open and closed, or neither"
        if signal.settlement is None and decided(world, signal):
            yield f"signals: {signal.signal_id} is open"
        if "outbox" in item or "pending" in item:
            yield f"outbox: {signal.signal_id} waits for {item.get('pending')}"


def _statistics(world: World, signals: list[Signal]) -> Iterator[str]:
    rows: dict[tuple[str, str], Performance] = {}
    days: Counter[tuple[str, str]] = Counter()
    for signal in signals:
        if signal.settlement is not None:
            place = (signal.stats_key, signal.symbol)
            rows[place] = add(rows.get(place, Performance.empty()), signal.settlement)
            days[signal.stats_key, DAY_PREFIX + day_of(signal.close_time)] += 1
    items = world.account.dynamodb.tables["performance_table"].items
    for (key, symbol), row in rows.items():
        item = items.get((key.encode(), symbol.encode()), {})
        names = ("closed", "wins", "net_sum", "tp_hits", "sl_hits", "expired", "version")
        stored = {name: int(item.get(name, {"N": "0"})["N"]) for name in names}
        counted = {name: getattr(row, name) for name in names}
        if stored != counted:
            yield f"performance: {symbol} has {stored}, and a recount {counted}"
    for (key, day), closed in days.items():
        item = items.get((key.encode(), day.encode()), {})
        if int(item.get("closed", {"N": "0"})["N"]) != closed:
            yield f"performance: {day} has {item.get('closed')}, and a recount {closed}"


def due(signals: list[Signal]) -> list[str]:
    """Return the ids of all events that have to be published."""
    found = []
    for signal in signals:
        found.append(f"{signal.signal_id}#opened")
        if signal.settlement is not None:
            found.append(f"{signal.signal_id}#closed")
    return found


def _publications(world: World, signals: list[Signal]) -> Iterator[str]:
    published = {one["event_id"] for one in world.account.published if one["kind"] != "status"}
    wanted = set(due(signals))
    yield from (f"not published: {event}" for event in sorted(wanted - published))
    yield from (f"published, and not stored: {event}" for event in sorted(published - wanted))


def _ledger(world: World) -> Iterator[str]:
    """Malformed records are dead letters of their owner; each gap has its newest entry."""
    letters = [json.loads(one.body) for one in world.account.queues[LETTERS]]
    found = {(one.get("sequence_number"), one["function"]) for one in letters}
    expected = set(world.malformed.items())
    yield from (f"dead letters: {one} is missing" for one in sorted(expected - found))
    yield from (f"dead letters: {one} is no malformed record" for one in found - expected)
    items = world.account.dynamodb.tables["gaps_table"].items.values()
    stored = {item["gap_id"]["S"]: json.loads(item["body"]["S"]) for item in items}
    for gap_id, entry in world.gaps.items():
        outcome = stored.get(gap_id, {}).get("outcome")
        if outcome != entry.outcome:
            yield f"gaps: {gap_id} is {outcome}, and was sent as {entry.outcome}"


# --- Telegram ------------------------------------------------------------------------------------


def _telegram(world: World, signals: list[Signal]) -> Iterator[str]:
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
    counted = int(row.get("possible_duplicates", {"N": "0"})["N"])
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


# --- WebSocket clients and the status ------------------------------------------------------------


def _people(world: World, signals: list[Signal]) -> Iterator[str]:
    for name, person in world.people.items():
        if not person.disturbed and person.since is not None:
            missing = missed(world, person, signals)
            yield from (f"client {name} never got {event}" for event in missed_in_order(missing))


def missed(world: World, person: Person, signals: list[Signal]) -> set[str]:
    """Return the events since a client's first `connected` that it has not received."""
    seen = {
        one.get("event_id")
        for connection in person.connections
        for one in world.account.clients[connection].received
    }
    cursors = {one["event_id"]: one.get("cursor", 0) for one in world.account.published}
    since = person.since or 0
    return {event for event in due(signals) if cursors.get(event, 0) > since} - seen


def missed_in_order(events: set[str]) -> list[str]:
    """Return events in a stable order."""
    return sorted(events)


def _status(world: World, signals: list[Signal]) -> Iterator[str]:
    """The newest heartbeat's counts equal a recount."""
    item = world.account.dynamodb.tables["state_table"].items.get(b"#heartbeat")
    if item is None:
        return
    body = json.loads(item["body"]["S"])
    counted = body["metrics"]["signals_count"]
    today = sum(day_of(one.close_time) == day_of(body["watermark"]) for one in signals)
    if counted is not None and counted != today:
        yield f"status: {counted} signals today, and a recount has {today}"
