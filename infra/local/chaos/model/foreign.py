"""Items that another version of the code has stored: fields and counters that this one has not.

Whatever reads them goes on with everything else. What cannot be read waits for a version that can,
or is a dead letter.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from signalengine_aws.stores.strategies import CLASSIC

from .services.account import Account

Item: TypeAlias = dict[str, Any]
SYMBOL: Final = "OLDUSDT"
"""Of evaluations in another form: no other symbol waits for it."""
EXTRA: Final = "of_another_version"


class Foreigners:
    """Puts such items into an account's tables."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.signals: set[str] = set()
        """Ids of signals that cannot be read."""
        self.letters: set[str] = set()
        """Keys of evaluations that have to become dead letters of score_events."""
        self.counting_began_anew = False
        """A heartbeat without counts was stored."""

    def put(self, kind: str) -> None:
        """Store an item of a kind (of `EVERY`), made from a stored one; without one nothing."""
        EVERY[kind](self)

    def owns(self, item: Mapping[str, Any]) -> bool:
        """Return whether an item is one that cannot be read."""
        return _is_foreign(item)

    def _any(self, table: str) -> Item | None:
        """Return a copy of some stored item, the same in every run."""
        items = self._account.dynamodb.tables[table].items
        readable = [
            key
            for key, item in items.items()
            if not _is_foreign(item) and not item.get("symbol", {}).get("S", "").startswith("#")
        ]
        return dict(items[min(readable, key=repr)]) if readable else None

    def _store(self, table: str, item: Item) -> None:
        self._account.dynamodb.call("PutItem", {"TableName": table, "Item": item})

    def signal(self) -> None:
        item = self._any("signals_table")
        if item is None:
            return
        signal_id = f"foreign{len(self.signals)}"
        opening = _renamed(item["opening"]["S"], "tp_price") | {"signal_id": signal_id}
        changed = {
            "signal_id": {"S": signal_id}, "opening": {"S": json.dumps(opening)},
            "open": {"S": "1"}, "outbox": {"S": "1"}, "pending": {"SS": ["opened"]},
        }  # fmt: skip
        left = {name: value for name, value in item.items() if name not in ENDED}
        self.signals.add(signal_id)
        self._store("signals_table", left | changed)

    def evaluation(self) -> None:
        item = self._any("events_table")
        if item is None:
            return
        close_time = str(int(item["close_time"]["N"]) + len(self.letters))
        body = _renamed(item["body"]["S"], "features")
        changed = {
            "series": {"S": CLASSIC.key(SYMBOL)}, "close_time": {"N": close_time},
            "body": {"S": json.dumps(body)}, "day": {"S": CLASSIC.key("1999-01-01")},
        }  # fmt: skip
        self.letters.add(f"{SYMBOL}#{close_time}")
        self._store("events_table", item | changed)

    def heartbeat(self) -> None:
        item = self._account.dynamodb.tables["state_table"].items.get(b"#heartbeat")
        if item is None:
            return
        body = json.loads(item["body"]["S"])
        for part in ("metrics", "counted", "metered"):
            if isinstance(body.get(part), dict):
                body[part] |= {EXTRA: 1}
        self._store("state_table", dict(item) | {"body": {"S": json.dumps(body | {EXTRA: 1})}})

    def older_heartbeat(self) -> None:
        """As the first versions stored it: not counted, metered or paced, and no time beside."""
        item = self._account.dynamodb.tables["state_table"].items.get(b"#heartbeat")
        if item is None:
            return
        later = ("counted", "metered", "paced")
        body = {n: one for n, one in json.loads(item["body"]["S"]).items() if n not in later}
        self.counting_began_anew = True
        self._store("state_table", {"symbol": item["symbol"], "body": {"S": json.dumps(body)}})

    def with_more(self, table: str) -> None:
        """Add an attribute that this version does not know."""
        item = self._any(table)
        if item is not None:
            self._store(table, item | {EXTRA: {"N": "1"}})


KINDS: Final[Mapping[str, Callable[[Foreigners], None]]] = {
    "signal": Foreigners.signal, "evaluation": Foreigners.evaluation,
    "heartbeat": Foreigners.heartbeat,
    "performance": lambda one: one.with_more("performance_table"),
}  # fmt: skip
"""What the schedules of the seeds put."""
EVERY: Final[Mapping[str, Callable[[Foreigners], None]]] = {
    **KINDS,
    "older heartbeat": Foreigners.older_heartbeat,
    "bar": lambda one: one.with_more("bars_table"),
    "state": lambda one: one.with_more("state_table"),
    "decision": lambda one: one.with_more("decisions_table"),
    "cooldown": lambda one: one.with_more("cooldowns_table"),
    "subscription": lambda one: one.with_more("subscriptions_table"),
    "delivery": lambda one: one.with_more("deliveries_table"),
    "connection": lambda one: one.with_more("connections_table"),
}
"""And what schedules by the clock, and those made by hand, do."""
ENDED: Final = ("settlement", "result", "month")
"""Attributes of a closed signal."""


def _renamed(body: str, name: str) -> Item:
    """Return stored JSON in which a field has another name: it cannot be read."""
    raw: Item = json.loads(body)
    return raw | {EXTRA: raw.pop(name)}


def _is_foreign(item: Mapping[str, Any]) -> bool:
    signal_id: str = item.get("signal_id", {}).get("S", "")
    series: str = item.get("series", {}).get("S", "")
    return signal_id.startswith("foreign") or series == CLASSIC.key(SYMBOL)
