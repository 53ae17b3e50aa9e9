"""Items that another version of the code has stored: fields and counters that this one has not.

Whatever reads them goes on with everything else. What cannot be read waits for a version that can,
or is a dead letter.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias
from zlib import compress, decompress

from signalengine.decisions import decide
from signalengine.signals import evaluation_from_json, to_json
from signalengine_aws.runtime.packed_json import text_of
from signalengine_aws.stores.strategies import CLASSIC

from .market import policy
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
        self.layouts: dict[str, str] = {}
        """The text of an item as this version writes it, by the text in another layout."""
        self.letters: set[str] = set()
        """Keys of evaluations that have to become dead letters of score_events."""
        self.counting_began_anew = False
        """A heartbeat without counts was stored."""

    def put(self, kind: str) -> None:
        """Store an item of a kind, made from a stored one; without one nothing."""
        {**EVERY, **BY_HAND}[kind](self)

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
        body = _renamed(text_of(item["body"]), "features")
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
        body = json.loads(text_of(item["body"]))
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
        body = {n: one for n, one in json.loads(text_of(item["body"])).items() if n not in later}
        self.counting_began_anew = True
        self._store("state_table", {"symbol": item["symbol"], "body": {"S": json.dumps(body)}})

    def mistake(self) -> None:
        """Open a signal that should not be, and that can be read; `undone` removes it."""
        item = self._any("signals_table")
        if item is None:
            return
        opening = json.loads(item["opening"]["S"]) | {"signal_id": MISTAKE}
        left = {name: value for name, value in item.items() if name not in (*ENDED, *PUBLISHED)}
        changed = {"signal_id": {"S": MISTAKE}, "opening": {"S": json.dumps(opening)}}
        self.signals.add(MISTAKE)
        self._store("signals_table", left | changed | {"open": {"S": "1"}})

    def rival(self) -> None:
        """Open the signal of the first close that is to be decided, as another strategy.

        In markets whose policy has no protections.
        """
        stored = self._account.dynamodb.tables["events_table"].items.values()
        evaluations = [evaluation_from_json(text_of(item["body"])) for item in stored]
        for one in sorted(evaluations, key=lambda one: one.close_time):
            signal = decide(one, None, policy(0), "rival").signal
            if signal is not None:
                self.signals.add(signal.signal_id)
                self._store("signals_table", {
                    "signal_id": {"S": signal.signal_id}, "opening": {"S": to_json(signal)},
                    "updated_at": {"N": "0"},
                })  # fmt: skip
                return

    def undone(self) -> None:
        """Remove the signals that should not be."""
        for signal_id in [one for one in self.signals if not one.startswith("foreign")] + [MISTAKE]:
            key = {"signal_id": {"S": signal_id}}
            self._account.dynamodb.call("DeleteItem", {"TableName": "signals_table", "Key": key})
            self.signals.discard(signal_id)

    def rewritten(self) -> None:
        """Write the newest entry and evaluation in another layout: another version made them."""
        items = self._account.dynamodb.tables["bars_table"].items
        newest = max((key for key in items if key[0].endswith(b"#log")), key=lambda key: key[1])
        text = decompress(items[newest]["data"]["B"], -15)
        self._store("bars_table", dict(items[newest]) | {"data": {"B": compress(text, 1, -15)}})
        items = self._account.dynamodb.tables["events_table"].items
        plain = [key for key in items if not self.owns(items[key])]
        if plain:
            item = items[max(plain, key=lambda key: (key[1], key[0]))]
            body = text_of(item["body"])
            other = json.dumps(json.loads(body), indent=1)
            self.layouts.setdefault(other, body)
            self._store("events_table", dict(item) | {"body": {"S": other}})

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
BY_HAND: Final[Mapping[str, Callable[[Foreigners], None]]] = {
    "mistake": Foreigners.mistake, "rival": Foreigners.rival, "undone": Foreigners.undone,
    "rewritten": Foreigners.rewritten,
}  # fmt: skip
"""What only schedules made by hand do."""
MISTAKE: Final = "foreign mistake"
PUBLISHED: Final = ("outbox", "pending")
"""Attributes of a signal that is to be published."""
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
