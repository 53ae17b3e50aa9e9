"""The logs of a running system: what is stored of the bars of each symbol."""

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from boto3.dynamodb.conditions import Key
from signalengine.facts.stream import Bar, BarsFact
from signalengine_aws.runtime.packed_json import unpacked
from signalengine_aws.stores.log.entry import Entry, unpack
from signalengine_aws.stores.log.groups import SIZE
from signalengine_aws.stores.log.log import log_of

Minute: TypeAlias = tuple[BarsFact | None, Bar]
"""A 1m bar and its fact; None for one of history."""


class Logs:
    """Reads each entry once: an entry never changes."""

    def __init__(
        self,
        query: Callable[[str, Any], Iterator[dict[str, Any]]],
        state: Callable[[str], dict[str, Any] | None],
    ) -> None:
        """`query` yields items of a table by a condition, `state` returns one of the states'."""
        self._query, self._state = query, state
        self._entries: dict[int, dict[int, Entry]] = {}

    def minutes(self, symbol: str, start: int, end: int) -> list[Minute]:
        """Return the stored 1m bars of a symbol that open in [start, end)."""
        rows = [row for entry in self._of(symbol).values() for row in entry.minutes(symbol)]
        return [row for row in rows if start <= row[1].open_time < end]

    def until(self, symbol: str) -> int:
        """Return the close time of a symbol's newest bar; 0 before the first."""
        entries = self._of(symbol)
        if not entries:
            return 0
        reached = entries[max(entries)].members.get(symbol)
        return 0 if reached is None else reached.close_time

    def _of(self, symbol: str) -> dict[int, Entry]:
        """Return the entries of a symbol's group by number, in order."""
        item = self._state("#groups")
        symbols = [] if item is None else json.loads(_text(item["body"]))
        if symbol not in symbols:
            return {}
        group = symbols.index(symbol) // SIZE
        known = self._entries.setdefault(group, {})
        after = Key("series").eq(log_of(group)) & Key("position").gt(max(known, default=0))
        for found in self._query("BarsTable", after):
            known[int(found["position"])] = unpack(bytes(found["data"].value))
        return known


def _text(body: Any) -> str:
    """Return the text of a body as boto3 reads it: plain, or packed."""
    return body if isinstance(body, str) else unpacked(bytes(body))
