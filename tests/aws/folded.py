"""Facts and states as compute_features stores them: stored without a fold, and read back."""

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from signalengine.facts.stream import BarsFact
from signalengine.policy import default_policy
from signalengine_aws.runtime.packed_json import text_of
from signalengine_aws.stores.bars import stored_bar
from signalengine_aws.stores.items.state import GROUPS_KEY
from signalengine_aws.stores.log.entry import Entry, Reached, Reset, pack, unpack, unpack_bar
from signalengine_aws.stores.log.groups import DynamoGroups
from signalengine_aws.stores.log.log import Appended, DynamoLog
from signalengine_aws.stores.log.replay import Derived, Member, Replay, beginning
from signalengine_aws.stores.state import DynamoStates, StoredState

from .world import World


def store(
    *facts: BarsFact,
    reached: Mapping[str, Reached] | None = None,
    resets: Mapping[str, Reset] | None = None,
) -> None:
    """Append an entry with these facts, and others' progress or states, to each group's log."""
    by_group: dict[int, list[BarsFact]] = {}
    new = {symbol: Reached(0, 0) for symbol in resets or {}} | dict(reached or {})
    groups = DynamoGroups("state_table")
    symbols = dict.fromkeys([*(fact.symbol for fact in facts), *new])
    groups.of(symbols)
    groups.add(list(symbols))
    for symbol, group in groups.of(symbols).items():
        by_group.setdefault(group, []).extend(one for one in facts if one.symbol == symbol)
    for group, several in by_group.items():
        mine = {s: one for s, one in new.items() if groups.of([s])[s] == group}
        _append(group, several, mine, resets or {})


def _append(
    group: int, facts: list[BarsFact], reached: dict[str, Reached], resets: Mapping[str, Reset]
) -> None:
    log = DynamoLog("bars_table")
    last = log.last(group)
    before = None if last is None else last.entry()
    number = 1 if last is None else last.number + 1
    members = dict(before.members if before else {}) | reached
    for fact in facts:
        known = members.get(fact.symbol, Reached(0, 0))
        members[fact.symbol] = known._replace(close_time=max(known.close_time, fact.close_time))
    newest = max((one.close_time for one in members.values()), default=0)
    mine = {symbol: one for symbol, one in resets.items() if symbol in members}
    since = 0 if before is None else before.since
    entry = Entry(since, newest, members, facts, mine)
    assert log.append(group, number, pack(entry)) is Appended.NEW
    longer = tuple((fact.symbol, bar) for fact in facts for bar in fact.bars[1:])
    for bars in Derived((), longer).by_time():
        log.put_bars(group, number, bars)


def readable(world: World) -> dict[str, Any]:
    """What the fold has left, whatever entries its facts came in: bars, and states."""
    bars: dict[Any, Any] = {}
    replays: dict[str, Replay] = {}
    checkpoints, names = stored_checkpoints(world)
    for row in sorted(world.rows("BARS_TABLE"), key=lambda one: int(one["position"]["N"])):
        group, _, interval = row["series"]["S"].partition("#")
        data, number = b64decode(row["data"]["B"]), int(row["position"]["N"])
        if interval in ("states", "resets"):
            continue  # they are the fold of the others
        if interval != "log":
            for symbol in names:
                bar = unpack_bar(data, symbol, interval)
                if bar is not None:
                    bars[symbol, interval, bar.open_time] = bar
            continue
        entry = unpack(data)
        begun = beginning(entry.members, checkpoints, default_policy())
        replays.setdefault(group, begun).fold(number, entry)
        for symbol in entry.members:
            for fact, bar in entry.minutes(symbol):
                bars[symbol, "1m", bar.open_time] = (bar, stored_bar(fact, bar))
    members = {s: one for replay in replays.values() for s, one in replay.members.items()}
    found = {s: _compared(members[s]) for s in names if s in members}
    return {"bars": bars, "states": found}


def stored_checkpoints(world: World) -> tuple[dict[str, StoredState], list[str]]:
    """The checkpoints by symbol, and all symbols that have a group."""
    names: list[str] = []
    symbols = []
    for row in world.rows("STATE_TABLE"):
        name = row["symbol"]["S"]
        if name == GROUPS_KEY:
            names = json.loads(text_of(row["body"]))
        elif not name.startswith("#"):
            symbols.append(name)
    return DynamoStates("state_table").of(symbols), names


def _compared(one: Member) -> Any:
    state = None if one.state is None else one.state.to_bytes()
    return state, one.close_time, one.evaluated
