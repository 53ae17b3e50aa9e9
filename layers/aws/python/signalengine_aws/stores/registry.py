"""The registry of parameter sets: an item a set, and one for each change, written together.

Without any item a stack runs `classic`, live, and nothing else.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite
from signalengine.errors import TransientError
from signalengine.facts.typed import typed
from signalengine.policy import CLASSIC
from signalengine.strategy.lifecycle import UNCHANGED_CLASSIC, Registered
from signalengine.strategy.promotion import Promotion

from ..runtime.aws_errors import lost_conditions, mapped
from ..runtime.retries import TRIES, attempts
from ..runtime.stored_fields import read_body, read_item, versioned
from .items.base import bind, client
from .items.strategies import StrategyItem

SETS: Final = "sets"
CHANGES: Final = "changes#"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a parameter set."""

    at: int
    """Wall time, ms."""
    who: str
    before: Registered | None
    """None: it was not registered."""
    after: Registered
    why: str = ""
    """What its author gave as the reason; empty for none."""


class DynamoRegistry:
    """The table of parameter sets."""

    def __init__(self, table: str) -> None:
        bind(StrategyItem, table)

    def read(self) -> dict[str, Registered]:
        """Return all parameter sets by name, `classic` first (consistent read).

        A set that this version cannot read is left out, with a warning.
        """
        found = {CLASSIC: UNCHANGED_CLASSIC}
        with mapped("query parameter sets"):
            for item in StrategyItem.query(SETS, consistent_read=True):
                one = read_item("parameter set", item.name, partial(_registered, item))
                if one is not None:
                    found[one.name] = one
        return found

    def get(self, name: str) -> Registered | None:
        """Return a parameter set (consistent read); None when it is not registered."""
        with mapped("read parameter set"):
            try:
                item = StrategyItem.get(SETS, name, consistent_read=True)
            except StrategyItem.DoesNotExist:
                return UNCHANGED_CLASSIC if name == CLASSIC else None
        return read_item("parameter set", name, lambda: _registered(item))

    def change(
        self, name: str, who: str, to: Callable[[Registered | None], Registered], why: str = ""
    ) -> Registered:
        """Store what `to` makes of a set, with the change; returns the set as it is now.

        Raises what `to` raises, and TransientError when the set stays contested.
        """
        for _ in attempts(TRIES):
            before = self.get(name)
            after = to(before)
            if self._put(Change(after.since, who, before, after, why)):
                return after
        raise TransientError(f"change {name}: it stays contested")

    def changes(self, name: str, limit: int = 50) -> list[Change]:
        """Return the changes of a set, the newest first."""
        with mapped("query changes"):
            items = list(StrategyItem.query(CHANGES + name, scan_index_forward=False, limit=limit))
        where = f"{name} "
        read = [read_item("change", where + one.name, partial(_change, one)) for one in items]
        return [one for one in read if one is not None]

    def _put(self, change: Change) -> bool:
        """Store a set and its change together; False when the set was changed meanwhile."""
        after, before = change.after, change.before
        stored = 0 if before is None else before.version
        unchanged = (
            StrategyItem.version == stored if stored else StrategyItem.series.does_not_exist()
        )
        try:
            with TransactWrite(connection=client()) as write:
                write.save(_item(SETS, after.name, asdict(after), after.version), unchanged)
                write.save(
                    _item(
                        CHANGES + after.name, f"{after.version:08}", _body(change), after.version
                    ),
                    StrategyItem.series.does_not_exist(),
                )
        except TransactWriteError as error:
            lost_conditions(error, "change a parameter set")
            return False
        return True


def _body(change: Change) -> dict[str, Any]:
    """Return a change as it is stored; one without a reason as earlier versions stored it."""
    body = asdict(change)
    return body if change.why else {name: body[name] for name in body if name != "why"}


def _item(series: str, name: str, body: Any, version: int) -> StrategyItem:
    text = json.dumps(body, separators=(",", ":"), sort_keys=True)
    return StrategyItem(series=series, name=name, body=versioned(text), version=version)


def registered_item(one: Registered) -> dict[str, dict[str, str]]:
    """Return the item of a parameter set, as DynamoDB's client takes it."""
    made = _item(SETS, one.name, asdict(one), one.version)
    return {
        "series": {"S": made.series},
        "name": {"S": made.name},
        "body": {"S": made.body},
        "version": {"N": str(made.version)},
    }


def _registered(item: StrategyItem) -> Registered:
    return _read(read_body(item.body))


def _change(item: StrategyItem) -> Change:
    raw = read_body(item.body)
    before = None if raw["before"] is None else _read(raw["before"])
    return typed(Change, raw, before=before, after=_read(raw["after"]))


def _read(raw: Mapping[str, Any]) -> Registered:
    """Return a set; one that an earlier version stored has no promotion."""
    on = raw.get("promotion")
    return typed(Registered, raw, promotion=None if on is None else typed(Promotion, on))
