"""Signals that a chat has not received: the reason, and when the next try is."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from signalengine_aws.channels.telegram.address import NAME
from signalengine_aws.delivery.deliveries import SENDER
from signalengine_aws.delivery.moves import successor

Row = Mapping[str, Any]
Item = Mapping[str, Mapping[str, str]]
"""An item as DynamoDB returns it."""
NOT_RECORDED: Final = (
    "no delivery is recorded: it waits in the queue, or the chat's filter excludes it"
)
SET_ASIDE: Final = "`telegram release` sends it again"
SUPPRESSED: Final = "the chat did not want it"


@dataclass(frozen=True, slots=True)
class UnsentSignals:
    """The tables of one stack, and the states of its chats by their channel keys."""

    dynamodb: Any
    table: str
    states: Mapping[str, Item]
    home: str | None
    """The channel key of the chat that receives everything."""
    now: int
    """Wall-clock ms."""

    def rows(self, signals: Iterable[Row]) -> list[dict[str, Any]]:
        """Return a row for each message of these signals that a chat lacks, by symbol."""
        found = [row for signal in signals for row in self._of(signal)]
        return sorted(found, key=lambda row: (row["symbol"], -row["close_time"], row["event"]))

    def _of(self, signal: Row) -> Iterator[dict[str, Any]]:
        kinds = ["opened", *(step["name"] for step in signal.get("progress", ()))]
        kinds += [] if signal["outcome"] is None else ["closed"]
        for kind in kinds:
            event = f"{signal['id']}#{kind}"
            by_chat: dict[str, list[Item]] = {}
            for item in self._deliveries(event):
                by_chat.setdefault(self._now_at(item["channel"]["S"]), []).append(item)
            for chat, items in by_chat.items():
                if all(item["status"]["S"] != "delivered" for item in items):
                    item = max(items, key=lambda one: one["channel"]["S"] == chat)
                    reason, next_try = explained(item, self.states, self.now)
                    yield _row(signal, kind, item["channel"]["S"], item["status"]["S"]) | {
                        "reason": reason, "next_try": next_try,
                    }  # fmt: skip
            if self.home is not None and self._now_at(self.home) not in by_chat:
                yield _row(signal, kind, self.home, "unknown") | {
                    "reason": NOT_RECORDED, "next_try": None,
                }  # fmt: skip

    def _now_at(self, channel: str) -> str:
        """Return the channel key of the chat that a chat has become."""
        return [*replacements(channel, lambda key: self.states.get(key, {}))][-1]

    def _deliveries(self, event: str) -> Iterator[Item]:
        """Yield the deliveries of an event to the channel's chats."""
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="event_id = :event AND begins_with(channel, :name)",
            ExpressionAttributeValues={":event": {"S": event}, ":name": {"S": f"{NAME}:"}},
        )
        return (item for page in pages for item in page["Items"] if "status" in item)


def replacements(channel: str, state_of: Callable[[str], Item]) -> Iterator[str]:
    """Yield a channel key, then that of each chat that replaced the one before, as a supergroup.

    `state_of` returns the stored state of an address.
    """
    known: set[str] = set()
    while channel not in known:
        known.add(channel)
        yield channel
        state = state_of(channel)
        address = state.get("migrated_to", {}).get("N") or _text(state, "moved_to")
        if address:
            channel = successor(channel, address)


def explained(item: Item, states: Mapping[str, Item], now: int) -> tuple[str, int | None]:
    """Return why a delivery is not done, and when it is tried next (ms; None: it is not) (pure)."""
    why = item.get("reason", {}).get("S", "")
    match item["status"]["S"]:
        case "failed":
            return f"set aside: {why}; {SET_ASIDE}", None
        case "suppressed":
            return f"{SUPPRESSED}: {why}", None
    bot, chat = states.get(f"{NAME}:{SENDER}", {}), states.get(item["channel"]["S"], {})
    reasons = [
        (_number(bot, "parked_until"), f"the bot is paused: {_text(bot, 'parked_reason')}"),
        (_number(chat, "parked_until"), f"the chat is paused: {_text(chat, 'parked_reason')}"),
        (_number(chat, "paused_until"), "Telegram requires a wait"),
        (_number(item, "slot_at"), "its turn in the chat's rate limit"),
        (_number(item, "lease_until"), "it is being sent"),
    ]
    at, reason = max(reasons, key=lambda one: one[0])
    if at > now:
        return reason, at
    return ("it joins a digest" if "digest" in item else "it waits in the queue"), now


def _row(signal: Row, kind: str, chat: str, state: str) -> dict[str, Any]:
    return {
        "symbol": signal["symbol"],
        "direction": signal["direction"],
        "close_time": signal["close_time"],
        "event": f"{signal['id']}#{kind}",
        "kind": kind,
        "chat": chat.partition(":")[2],
        "state": state,
    }


def _number(item: Item, name: str) -> int:
    return int(item.get(name, {}).get("N", 0))


def _text(item: Item, name: str) -> str:
    return item.get(name, {}).get("S", "")
