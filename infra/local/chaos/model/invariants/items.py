"""Reading items of the tables, as the invariants need them."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from signalengine.settlement import StoredBar, settle
from signalengine.signals import Signal, settled, settlement_from_dict, signal_from_json
from signalengine_aws.stores.bars import stored_bar
from signalengine_aws.stores.log.entry import Entry, unpack

from ..services.expressions import Item
from ..world import World

NAMES: Final = (
    "series", "signal_id", "symbol", "event_id", "position", "close_time", "channel",
)  # fmt: skip


def name_of(item: Item) -> str:
    """Return the attributes that name an item."""
    return " ".join(next(iter(item[name].values())) for name in NAMES if name in item)


def number(item: Item | None, name: str) -> int:
    """Return a numeric attribute, 0 where there is none."""
    return int((item or {}).get(name, {"N": "0"})["N"])


def stored_signals(world: World) -> list[Signal]:
    """Return all signals that this version can read, closed ones with their settlement."""
    found = []
    for item in world.account.dynamodb.tables["signals_table"].items.values():
        if item["signal_id"]["S"] in world.foreign.signals:
            continue
        signal = signal_from_json(item["opening"]["S"])
        end = item.get("settlement")
        if end is not None:
            signal = settled(signal, settlement_from_dict(json.loads(end["S"])))
        found.append(signal)
    return sorted(found, key=lambda signal: (signal.close_time, signal.symbol))


def entries(world: World) -> Iterator[tuple[int, int, Entry]]:
    """Yield the entries of all logs: group, number, entry."""
    table = world.account.dynamodb.tables["bars_table"]
    for series, position in sorted(table.items):
        group, _, kind = series.decode().partition("#")
        if kind == "log":
            yield int(group), int(position), read(table.items[series, position]["data"]["B"])


@lru_cache(maxsize=1 << 14)
def read(data: bytes) -> Entry:
    """Return an entry of a log; the same bytes are read once."""
    return unpack(data)


def stored_bars(world: World, symbol: str) -> list[StoredBar]:
    """Return a symbol's bars of a minute, in order."""
    rows = [row for _, _, entry in entries(world) for row in entry.minutes(symbol)]
    return [stored_bar(fact, bar) for fact, bar in rows]


def decided(world: World, signal: Signal, until: int | None = None) -> bool:
    """Return whether the stored bars decide a signal, those that close by `until`."""
    bars = stored_bars(world, signal.symbol)
    return (
        settle(signal, [one for one in bars if until is None or one.close_time <= until])
        is not None
    )


def due(signals: list[Signal]) -> list[str]:
    """Return the ids of all events that have to be published."""
    found = []
    for signal in signals:
        found.append(f"{signal.signal_id}#opened")
        if signal.settlement is not None:
            found.append(f"{signal.signal_id}#closed")
    return found
