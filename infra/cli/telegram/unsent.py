"""Signals that a chat has not received: the reason, and when the next try is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from signalengine_aws.channels.telegram.address import NAME
from signalengine_aws.delivery.deliveries import SENDER

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
        kinds = ["opened"] if signal["outcome"] is None else ["opened", "closed"]
        for kind in kinds:
            event = f"{signal['id']}#{kind}"
            items = self._deliveries(event)
            for item in items:
                if item["status"]["S"] != "delivered":
                    reason, next_try = explained(item, self.states, self.now)
                    yield _row(signal, kind, item["channel"]["S"], item["status"]["S"]) | {
                        "reason": reason, "next_try": next_try,
                    }  # fmt: skip
            known = {item["channel"]["S"] for item in items}
            if self.home is not None and self.home not in known:
                yield _row(signal, kind, self.home, "unknown") | {
                    "reason": NOT_RECORDED, "next_try": None,
                }  # fmt: skip

    def _deliveries(self, event: str) -> Sequence[Item]:
        """Return the deliveries of an event to the channel's chats."""
        answer = self.dynamodb.query(
            TableName=self.table,
            KeyConditionExpression="event_id = :event AND begins_with(channel, :name)",
            ExpressionAttributeValues={":event": {"S": event}, ":name": {"S": f"{NAME}:"}},
        )
        return [item for item in answer["Items"] if "status" in item]


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
