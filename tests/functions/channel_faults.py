"""A trial of a channel: the real send_channels, its stand-in, and one kind of fault after another.

Each fault gets signals of its own, an opening and a closing each, and their time until the queue is
empty. What arrived is compared with what was sent and with what is stored: a row of the table in
docs/channels.md.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from signalengine.signals import Signal, settled
from signalengine_aws.application import send_channels
from signalengine_aws.channels.push.channel import SENDER as SENDER_KEY
from signalengine_aws.channels.push.contacts import DynamoBrowsers
from signalengine_aws.delivery.deliveries import Delivery, Status
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription

from functions.send_channels.handler import handler
from tests.aws.world import World
from tests.channel_clients import SENDER, browser_at
from tests.channel_server import RunningChannels
from tests.functions.queue_stack import QueueStack
from tests.telegram_samples import end, signal

SIGNALS: Final = 2
"""Of each fault."""
NAME: Final = "team"
MOST_DRAINS: Final = 14
"""The pauses between them double from one second on."""
FAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "429": {"kind": "429", "retry_after": 7},
    "5xx": {"kind": "500", "status": 502},
    "reset before": {"kind": "reset_before"},
    "reset after": {"kind": "reset_after_delivery"},
    "time-out before": {"kind": "timeout_before"},
    "time-out after": {"kind": "timeout_after_delivery"},
    "slow": {"kind": "slow", "delay_s": 0.05},
}
"""Faults of every channel, by their names in the table."""
REFUSALS: Final[Mapping[str, Mapping[str, str]]] = {
    "discord": {"message refused": "50035", "address refused": "50013"},
    "slack": {"message refused": "invalid_blocks", "address refused": "channel_is_archived"},
    "ntfy": {"message refused": "40018", "address refused": "40301"},
    "push": {"message refused": "413", "address refused": "403"},
}
"""Permanent errors, by the services' names."""
MAYBE: Final = ("5xx", "reset before", "reset after", "time-out before", "time-out after")
"""Faults after which a message may have arrived: the window for a duplicate."""
_ID: Final = re.compile(r"\b[0-9a-f]{24}\b")


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one fault's messages."""

    channel: str
    fault: str
    sent: int
    arrived: int
    """Events that arrived at least once."""
    again: int
    """Events that arrived twice."""
    in_window: int
    """Of those, the ones whose delivery is stored as a possible duplicate."""
    set_aside: int
    """Events that are dead letters, with the reason."""
    lost: int

    def text(self) -> str:
        """Return the row of the table."""
        cells = (
            self.channel, self.fault, self.sent, self.arrived, self.again, self.in_window,
            self.set_aside, self.lost,
        )  # fmt: skip
        return f"| {' | '.join(map(str, cells))} |"


class Trial(QueueStack):
    """The function with the stand-in of one channel."""

    def __init__(self, world: World, server: RunningChannels, channel: str) -> None:
        self.server = server
        self.channel = channel
        self._serial = 0
        super().__init__(world, "channels", handler, self._secret())
        DynamoSubscriptions("subscriptions_table").save(Subscription(self.key))

    @property
    def key(self) -> str:
        name = browser_at(self.server).contact_id if self.channel == "push" else NAME
        return f"{self.channel}:{name}"

    def _secret(self) -> str:
        if self.channel == "push":
            DynamoBrowsers("subscriptions_table").put(browser_at(self.server))
            known = {SENDER_KEY: {"url": SENDER.url, **SENDER.fields}}
            return json.dumps({"allowed": [self.server.authority], "destinations": known})
        fields = dict(self.server.destination(self.channel))
        del fields["path"]
        known = {self.key: {"url": self.server.url(self.channel), **fields}}
        return json.dumps({"allowed": [self.server.authority], "destinations": known})

    def environment(self) -> dict[str, str]:
        return {
            "CHANNELS_SECRET_ARN": self.arn,
            "CHANNELS_PACE": "unlimited",
            "CHANNELS_QUEUE_URL": self.queue_url,
            "CHANNELS_DEAD_LETTER_URL": self.letters_url,
        }

    def row(self, fault: str) -> Row:
        """Order a fault, send signals, and return what became of them."""
        before = len(self.server.received(self.channel))
        self.server.fault(self.channel, **(FAULTS.get(fault) or self._refusal(fault)))
        known = self.send()
        arrived = Counter(map(event_of, self.server.received(self.channel)[before:]))
        letters = self._letters()
        stored = {event: self._delivery(event) for event in known}
        again = [event for event in known if arrived[event] > 1]
        window = [event for event in again if stored[event].possible_duplicates]
        assert not [event for event in known if arrived[event] > 2]
        for event in known:
            done = Status.FAILED if event in letters else Status.DELIVERED
            assert stored[event].status is done, (fault, event)
        return Row(
            self.channel,
            fault,
            sent=len(known),
            arrived=sum(arrived[event] > 0 for event in known),
            again=len(again),
            in_window=len(window),
            set_aside=len(letters),
            lost=sum(not arrived[event] and event not in letters for event in known),
        )

    def _refusal(self, fault: str) -> dict[str, str]:
        return {"kind": "error", "error": REFUSALS[self.channel][fault]}

    def send(self) -> list[str]:
        """Put signals and their closings, and invoke until the queue is empty."""
        opened = [self._signal() for _ in range(SIGNALS)]
        closed = [settled(one, end()) for one in opened]
        self.put(*opened, *closed, to=self.key)
        for round_ in range(MOST_DRAINS):
            taken, _ = self.drain()
            if not taken:
                break
            self.pass_s(2**round_)
        else:
            raise AssertionError("the queue does not become empty")
        events = [(one, "opened") for one in opened] + [(one, "closed") for one in closed]
        return [f"{one.signal_id}#{kind}" for one, kind in events]

    def _signal(self) -> Signal:
        self._serial += 1
        return signal(signal_id=f"{self._serial:024x}")

    def _delivery(self, event: str) -> Delivery:
        found = send_channels.deliveries_of("deliveries_table").get(event, self.key)
        assert found is not None
        return found

    def _letters(self) -> set[str]:
        """Return the events that were set aside; each names its reason and its address."""
        events = set()
        for letter in self.letters:
            assert letter["reason"]
            raw = json.loads(letter["body_head"])
            assert raw["to"] == self.key
            events.add(str(raw["event_id"]))
        return events


def event_of(arrival: Mapping[str, Any]) -> str:
    """Return the event that a message at a stand-in is about."""
    (signal_id,) = set(_ID.findall(arrival["text"]))
    return f"{signal_id}#{'closed' if 'TP HIT' in arrival['text'] else 'opened'}"
