"""What a run leaves, against an undisturbed run, and against a recount of what is stored."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from signalengine.settlement import force_expiry, settle
from signalengine.signals import Signal
from signalengine.stats.performance import Performance, add
from signalengine_aws.runtime.clock import day_of
from signalengine_aws.runtime.packed_json import text_of
from signalengine_aws.stores.performance import DAY_PREFIX

from ..foreign import EXTRA
from ..market import PROTECTED
from ..services.account import LETTERS, SENDERS
from ..services.expressions import Item
from ..world import World
from .audiences import clients_lack, status_differs
from .decisions import decided_otherwise
from .deliveries import undelivered
from .folded import bars, states
from .items import decided, due, number, stored_bars, stored_signals

LEFT_OUT: Final = frozenset(
    {
        "ttl",
        "updated_at",
        "updated_day",
        "version",
        "outbox",
        "pending",
        "open",
        EXTRA,
    }
)
"""Attributes that depend on the wall clock, or are compared elsewhere."""
COMPARED: Final = (
    "events_table", "decisions_table", "signals_table", "cooldowns_table", "performance_table",
)  # fmt: skip
DECIDED: Final = frozenset(
    {"decisions_table", "signals_table", "cooldowns_table", "performance_table"}
)
"""Tables that a policy with protections fills otherwise when batches come in another order."""

Outcome = Mapping[str, Mapping[Any, Any]]


def outcome(world: World, market: int) -> Outcome:
    """Return what a run leaves in the tables, without what depends on the wall clock."""
    tables = world.account.dynamodb.tables
    others = {
        name: {
            key: _compared(item, world.foreign.layouts)
            for key, item in tables[name].items.items()
            if not world.foreign.owns(item)
        }
        for name in COMPARED
    }
    return {"bars": bars(world), "states": states(world, market), **others}


def _compared(item: Item, layouts: Mapping[str, str]) -> Any:
    chosen = {name: value for name, value in item.items() if name not in LEFT_OUT}
    if "body" in chosen:
        text = text_of(chosen["body"])
        chosen["body"] = {"S": layouts.get(text, text)}
    return chosen


def violations(
    world: World, expected: Outcome, functions: Collection[str], market: int
) -> Iterator[str]:
    """Yield what does not hold after a run of functions has come to rest."""
    yield from world.errors
    found, signals = outcome(world, market), stored_signals(world)
    for name in found:
        if not ((market in PROTECTED or world.given_up) and name in DECIDED):
            yield from _differences(name, expected[name], found[name])
    if market in PROTECTED and "score_events" in functions and not world.given_up:
        yield from decided_otherwise(world, market)
    yield from _statistics(world, signals)
    yield from _ledger(world, functions)
    if "track_signals" in functions:
        yield from _not_settled(world, signals)
        yield from status_differs(world, signals)
    if "publish_signals" in functions:
        yield from _publications(world, signals)
        yield from clients_lack(world, signals)
    for function, queue in SENDERS.items():
        if function in functions:
            yield from undelivered(world, signals, queue)


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


def _not_settled(world: World, signals: list[Signal]) -> Iterator[str]:
    items = world.account.dynamodb.tables["signals_table"].items
    for signal in signals:
        item = items[signal.signal_id.encode()]
        if ("open" in item) != (signal.settlement is None):
            yield f"signals: {signal.signal_id} is both open and closed, or neither"
        if signal.settlement is None and decided(world, signal):
            yield f"signals: {signal.signal_id} is open"
        if signal.settlement is not None:
            yield from _settled_otherwise(world, signal)


def _settled_otherwise(world: World, signal: Signal) -> Iterator[str]:
    """An outcome is the fold over the stored bars; forced only where those do not decide."""
    bars, found = stored_bars(world, signal.symbol), signal.settlement
    end = settle(signal, bars) or force_expiry(signal, bars, signal.expires_at, 0)
    if found is None or end is None:
        return
    for name, value in asdict(end).items():
        if getattr(found, name) != value:
            words = f"{getattr(found, name)}, and its bars say {value}"
            yield f"signals: {name} of {signal.signal_id} is {words}"


def _statistics(world: World, signals: list[Signal]) -> Iterator[str]:
    rows: dict[tuple[str, str], Performance] = {}
    days: Counter[tuple[str, str]] = Counter()
    for signal in signals:
        if signal.settlement is not None:
            place = (signal.stats_key, signal.symbol)
            row = rows.get(place, Performance.empty())
            rows[place] = add(row, signal.settlement, signal.direction)
            days[signal.stats_key, DAY_PREFIX + day_of(signal.close_time)] += 1
    items = world.account.dynamodb.tables["performance_table"].items
    for (key, symbol), row in rows.items():
        item = items.get((key.encode(), symbol.encode()), {})
        names = (
            "closed",
            "wins",
            "net_sum",
            "tp_hits",
            "sl_hits",
            "expired",
            "longs",
            "shorts",
            "version",
        )
        stored = {name: number(item, name) for name in names}
        counted = {name: getattr(row, name) for name in names}
        if stored != counted:
            yield f"performance: {symbol} has {stored}, and a recount {counted}"
    for (key, day), closed in days.items():
        item = items.get((key.encode(), day.encode()), {})
        if number(item, "closed") != closed:
            yield f"performance: {day} has {item.get('closed')}, and a recount {closed}"


def _publications(world: World, signals: list[Signal]) -> Iterator[str]:
    of_signals = (one for one in world.account.published if one["kind"].startswith("signal"))
    published = {one["event_id"] for one in of_signals}
    wanted = set(due(signals))
    yield from (f"not published: {event}" for event in sorted(wanted - published))
    yield from (f"published, and not stored: {event}" for event in sorted(published - wanted))
    items = world.account.dynamodb.tables["signals_table"].items
    for signal in signals:
        item = items[signal.signal_id.encode()]
        if "outbox" in item or "pending" in item:
            yield f"outbox: {signal.signal_id} waits for {item.get('pending')}"


def _ledger(world: World, functions: Collection[str]) -> Iterator[str]:
    """What cannot be read is a dead letter of its owner; each gap has its newest entry."""
    letters = [json.loads(one.body) for one in world.account.queues[LETTERS]]
    found = {(one.get("sequence_number"), one["function"]) for one in letters}
    wanted = {*world.malformed.items(), *((one, "score_events") for one in world.foreign.letters)}
    expected = {(one, function) for one, function in wanted if function in functions}
    yield from (f"dead letters: {one} is missing" for one in sorted(expected - found))
    yield from (f"dead letters: {one} is no malformed record" for one in found - expected)
    if "track_signals" not in functions:
        return
    items = world.account.dynamodb.tables["gaps_table"].items.values()
    stored = {item["gap_id"]["S"]: json.loads(item["body"]["S"]) for item in items}
    for gap_id, entry in world.gaps.items():
        outcome = stored.get(gap_id, {}).get("outcome")
        if outcome != entry.outcome:
            yield f"gaps: {gap_id} is {outcome}, and was sent as {entry.outcome}"
