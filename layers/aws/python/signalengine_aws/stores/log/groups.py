"""Which group a symbol is in: an item of the state table, in the order in which symbols came.

A symbol stays in its group for ever, so what a process has read of it stays true.
"""

import json
from collections.abc import Collection, Iterable
from typing import Final

from pynamodb.exceptions import PutError
from signalengine.errors import TransientError

from ...runtime.aws_errors import CONDITION, code_of, mapped, ours
from ...runtime.retries import TRIES, attempts
from ...runtime.stored_fields import needed
from ..items.base import bind
from ..items.groups import GroupsItem
from ..items.state import GROUPS_KEY

SIZE: Final = 16
"""Symbols of a group: their minute takes two write units."""


class DynamoGroups:
    """The groups of all known symbols."""

    def __init__(self, table: str) -> None:
        bind(GroupsItem, table)
        self._symbols: list[str] = []
        self._places: dict[str, int] = {}

    def of(self, symbols: Iterable[str]) -> dict[str, int]:
        """Return the group of each symbol that has one; what is not known yet is read again."""
        wanted = list(symbols)
        if not all(symbol in self._places for symbol in wanted):
            self._read()
        return {s: self._places[s] // SIZE for s in wanted if s in self._places}

    def members(self, group: int) -> list[str]:
        """Return the symbols of a group as this process knows it, in order."""
        return self._symbols[group * SIZE : (group + 1) * SIZE]

    def add(self, symbols: Collection[str]) -> None:
        """Give symbols a group that have none; raises TransientError when it stays contested."""
        for _ in attempts(TRIES):
            new = [symbol for symbol in symbols if symbol not in self._places]
            if not new or self._put([*self._symbols, *new]):
                return
            self._read()
        raise TransientError("the groups stay contested")

    def _read(self) -> None:
        with mapped("read groups"):
            try:
                item = GroupsItem.get(GROUPS_KEY, consistent_read=True)
            except GroupsItem.DoesNotExist:
                return
        self._know(needed("groups", lambda: _symbols(item.body)))

    def _put(self, symbols: list[str]) -> bool:
        body = json.dumps(symbols, separators=(",", ":"))
        item = GroupsItem(symbol=GROUPS_KEY, last=len(symbols), body=body)
        count = len(self._symbols)
        unchanged = GroupsItem.last == count if count else GroupsItem.symbol.does_not_exist()
        try:
            item.save(unchanged)
        except PutError as error:
            if code_of(error) == CONDITION:
                return False
            raise ours(error, "put groups") from error
        self._know(symbols)
        return True

    def _know(self, symbols: list[str]) -> None:
        self._symbols = symbols
        self._places = {symbol: place for place, symbol in enumerate(symbols)}


def _symbols(text: str) -> list[str]:
    raw = json.loads(text)
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        raise TypeError("the groups are no list of symbols")
    return raw
