"""What the fold leaves, whatever entries its facts came in: bars and states."""

import json
from collections.abc import Mapping
from typing import Any

from signalengine.intervals import INTERVALS
from signalengine_aws.runtime.packed_json import text_of
from signalengine_aws.stores.bars import stored_bar
from signalengine_aws.stores.log.entry import unpack_bar
from signalengine_aws.stores.log.replay import Member, beginning
from signalengine_aws.stores.state import StoredState

from ..market import NEW, SYMBOLS, policy
from ..world import World
from .items import entries, number


def bars(world: World) -> Mapping[Any, Any]:
    """Return all stored bars by symbol, interval and time."""
    found: dict[Any, Any] = {}
    for _, _, entry in entries(world):
        for symbol in entry.members:
            for fact, bar in entry.minutes(symbol):
                row = {"bar": bar, "settles": stored_bar(fact, bar)}
                found.setdefault((symbol, "1m", bar.open_time), row)
    for (series, _), item in world.account.dynamodb.tables["bars_table"].items.items():
        _, _, interval = series.decode().partition("#")
        for symbol in (*SYMBOLS, NEW) if interval in INTERVALS else ():
            longer = unpack_bar(item["data"]["B"], symbol, interval)
            if longer is not None:
                found[symbol, interval, longer.open_time] = {"bar": longer}
    return found


def states(world: World, market: int) -> Mapping[Any, Any]:
    """Return each symbol's state: its checkpoint, and the fold of the entries after it."""
    checkpoints = stored_checkpoints(world)
    names: dict[int, list[str]] = {}
    item = world.account.dynamodb.tables["state_table"].items.get(b"#groups", {})
    for place, name in enumerate(json.loads(text_of(item.get("body", {"S": "[]"})))):
        names.setdefault(place // 16, []).append(name)
    found: dict[Any, Any] = {}
    for group, symbols in names.items():
        replay = beginning(symbols, checkpoints, policy(market))
        for of_group, place, entry in entries(world):
            if of_group == group:
                replay.fold(place, entry)
        found |= {symbol: _compared(one) for symbol, one in replay.members.items()}
    return found


def stored_checkpoints(world: World) -> dict[str, StoredState]:
    """Return the checkpoints by symbol."""
    found = {}
    for key, item in world.account.dynamodb.tables["state_table"].items.items():
        if not key.startswith(b"#"):
            found[key.decode()] = StoredState(
                item["data"]["B"], number(item, "close_time"),
                number(item, "evaluated"), item["known_from"]["S"], number(item, "entry"),
            )  # fmt: skip
    return found


def _compared(one: Member) -> Mapping[str, Any]:
    state = None if one.state is None else one.state.to_bytes()
    return {"state": state, "close_time": one.close_time, "evaluated": one.evaluated}
