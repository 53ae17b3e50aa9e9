"""Published messages: one SNS topic, with attributes that subscriptions filter on.

`{"v": 1, "kind", "event_id", "cursor", "signal": public form, "stored": core form}` for signals,
`{"v": 1, "kind": "status", "event_id", "status"}` for the feed's own state,
`{"v": 1, "kind": "alert", "event_id", "cursor", "to", "alert", "closed_at", "market"}` for alerts,
`{"v": 1, "kind": "prices", "event_id", "time", "prices"}` between two of them, and
`{"v": 1, "kind": "keepalive", "event_id", "waits_ms"}` while it has none. A message may arrive
twice; `event_id` identifies it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from signalengine.signals import Signal, public, to_dict

from ..runtime.aws_errors import mapped
from ..runtime.channels import CHANNELS

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from signalengine.facts.alerts import Alert

VERSION: Final = 1
Publication: TypeAlias = str
"""`opened`, the name of a step (`target1`, `stop2`), or `closed`."""
OPENED: Final = "opened"
CLOSED: Final = "closed"
ALERT: Final = "alert"


@dataclass(frozen=True, slots=True)
class Message:
    """One message with the attributes that its kind has."""

    body: Mapping[str, Any]
    attributes: Mapping[str, str | float]


def publications(signal: Signal) -> tuple[Publication, ...]:
    """Return what is published of a signal, in this order."""
    return (OPENED, *(step.name for step in signal.progress), CLOSED)


def signal_message(signal: Signal, publication: Publication, cursor: int) -> Message:
    """Return the message of an opening, a step or a closing; `cursor` is its commit (wall ms)."""
    kind = publication if publication in (OPENED, CLOSED) else "progress"
    body = {
        "v": VERSION,
        "kind": f"signal.{kind}",
        "event_id": f"{signal.signal_id}#{publication}",
        "cursor": cursor,
        "signal": public(signal),
        "stored": to_dict(signal),
    }
    attributes: dict[str, str | float] = {
        "kind": f"signal.{kind}",
        "symbol": signal.symbol,
        "direction": signal.direction,
        "score": signal.score,
    }
    return Message(body, attributes)


def status_message(time: int, status: Mapping[str, Any]) -> Message:
    """Return the message of the feed's state at exchange time `time`."""
    body = {"v": VERSION, "kind": "status", "event_id": f"status#{time}", "status": dict(status)}
    return Message(body, {"kind": "status"})


def alert_message(
    event_id: str, to: str, alert: "Alert", closed_at: int, market: str, cursor: int
) -> Message:
    """Return the message of an alert that a bar has reached; its queue is that of its address.

    `closed_at` is the bar's close (exchange ms), `cursor` wall ms.
    """
    body = {"v": VERSION, "kind": ALERT, "event_id": event_id, "cursor": cursor, "to": to}
    body |= {"alert": asdict(alert), "closed_at": closed_at, "market": market}
    return Message(body, {"kind": f"{ALERT}.{CHANNELS[to.partition(':')[0]]}"})


def prices_message(time: int, prices: Mapping[str, float]) -> Message:
    """Return the message of symbols' prices at exchange time `time`."""
    event_id = f"prices#{time}"
    body = {"v": VERSION, "kind": "prices", "event_id": event_id, "time": time}
    return Message({**body, "prices": dict(prices)}, {"kind": "prices"})


def keepalive_message(now: int, waits_ms: Sequence[int]) -> Message:
    """Return the message of a silence (`now` is wall ms): how long to wait before each post."""
    event_id = f"keepalive#{now}"
    body = {"v": VERSION, "kind": "keepalive", "event_id": event_id, "waits_ms": list(waits_ms)}
    return Message(body, {"kind": "keepalive"})


def traced(signal: Signal) -> tuple[str, int, str]:
    """Return what a log line names of a signal: symbol, close time (ms) of its bar, id."""
    return signal.symbol, signal.close_time, signal.signal_id


def traced_in(body: Any) -> tuple[str, int, str] | None:
    """Return the same of a published body; None for a status, and for what is no message."""
    signal = body.get("signal") if isinstance(body, dict) else None
    if not isinstance(signal, dict):
        return None
    symbol, close_time, signal_id = (signal.get(name) for name in ("symbol", "close_time", "id"))
    if not (isinstance(symbol, str) and isinstance(signal_id, str) and type(close_time) is int):
        return None
    return symbol, close_time, signal_id


class SnsTopic:
    """The topic of all messages."""

    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        self._client = client
        self._arn = topic_arn

    def publish(self, message: Message) -> None:
        """Raises TransientError or PermanentError."""
        attributes: dict[str, Any] = {
            name: {"DataType": "String", "StringValue": value}
            if isinstance(value, str)
            else {"DataType": "Number", "StringValue": repr(value)}
            for name, value in message.attributes.items()
        }
        with mapped("publish"):
            self._client.publish(
                TopicArn=self._arn,
                Message=json.dumps(message.body, separators=(",", ":"), allow_nan=False),
                MessageAttributes=attributes,
            )
