"""Signals to tell, and fakes of the notifier's ports: a clock, a queue, deliveries and a bot."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from signalengine.facts.stream import Quality
from signalengine.signals import Event, Outcome, Settlement, Signal, settled
from signalengine.text.messages import Buttons
from signalengine_aws.delivery.deliveries import ConflictError, Delivery
from signalengine_aws.delivery.notifications import addressed
from signalengine_aws.delivery.pacing import ChatState
from signalengine_aws.delivery.queue import QueueMessage
from signalengine_aws.delivery.subscriptions import Subscription
from signalengine_aws.messaging.sns import Publication, signal_message

NOON = 1_747_656_000_000
MINUTE = 60_000
CHAT = "424242"
CHANNEL = f"telegram:{CHAT}"


def signal(**changes: Any) -> Signal:
    """Return an open long signal of a live market."""
    base = Signal(
        signal_id="3f2a9c1d7e5b4a6088cc1234",
        symbol="BTCUSDT",
        direction="long",
        score=0.654,
        close_time=NOON,
        entry_price=50_123.45,
        tp_price=51_234.56,
        sl_price=49_876.54,
        atr=555.5,
        atr_interval="15m",
        expires_at=NOON + 60 * MINUTE,
        components={
            "trend": 0.8123, "liquidation": None, "volatility": 0.35, "vwap": 0.12, "oi": None,
            "structure": 1.0, "event": 0.92,
        },
        missing=("liquidation", "oi"),
        events=(Event("volume_spike", "1m", "long", 0.7, {}),),
        quality=Quality(),
        market="live",
        policy_digest="9ab3c1d0e4f5",
        code_version="4.0.0",
        fee_bps=5.0,
        slippage_bps=1.0,
    )  # fmt: skip
    return replace(base, **changes)


def short(**changes: Any) -> Signal:
    """Return an open short signal."""
    levels = {"entry_price": 2_000.0, "tp_price": 1_980.0, "sl_price": 2_010.0}
    return signal(**{"symbol": "ETHUSDT", "direction": "short", **levels, **changes})


def end(**changes: Any) -> Settlement:
    """Return how a signal ended at its target after 45 minutes."""
    base = Settlement(
        outcome=Outcome.TP_HIT,
        closed_at=NOON + 45 * MINUTE,
        exit_price=51_234.56,
        gross_return=2_216_747,
        cost=120_000,
        funding=10_000,
        net_return=2_086_747,
        resolution="bar",
        ambiguous=False,
        bars_held=45,
        mfe=2_400_000,
        mae=-210_000,
        next_open=50_125.0,
    )
    return replace(base, **changes)


def closed(**changes: Any) -> Signal:
    """Return a signal that ended; `changes` are of its settlement."""
    return settled(signal(), end(**changes))


def body(told: Signal, *, committed_at: int = NOON, to: str | None = None) -> str:
    """Return the queue message of a signal: its closing when it is settled, else its opening.

    As it is published, or as it is addressed to one channel.
    """
    telling: Publication = "opened" if told.settlement is None else "closed"
    published = json.dumps(signal_message(told, telling, committed_at).body)
    return published if to is None else addressed(published, to)


def message(text: str, name: str = "m1") -> QueueMessage:
    return QueueMessage(name, f"receipt of {name}", text)


class ManualClock:
    """A wall clock that moves when it is told to."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += round(seconds * 1000)


class MemoryQueue:
    """Remembers what was hidden, for how long, and what was buried, why."""

    def __init__(self) -> None:
        self.hidden: list[tuple[str, int]] = []
        self.buried: list[tuple[str, str]] = []
        self.forwarded: list[str] = []

    def forward(self, bodies: Sequence[str]) -> None:
        self.forwarded += bodies

    def hide(self, message: QueueMessage, seconds: int) -> None:
        self.hidden.append((message.message_id, seconds))

    def dead_letter(self, message: QueueMessage, reason: str) -> None:
        self.buried.append((message.message_id, reason))


class MemoryDeliveries:
    """Deliveries in two dictionaries, with the versions of the real store.

    `before_save` is called with each delivery about to be saved: a place to crash or to race.
    """

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Delivery] = {}
        self.paces: dict[str, ChatState] = {}
        self.audiences: dict[str, tuple[str, ...]] = {}
        self.before_save: Callable[[Delivery], None] = lambda _delivery: None

    def get(self, event_id: str, channel: str) -> Delivery | None:
        return self.items.get((event_id, channel))

    def save(self, delivery: Delivery) -> Delivery:
        self.before_save(delivery)
        key = (delivery.event_id, delivery.channel)
        if (self.items[key].version if key in self.items else 0) != delivery.version:
            raise ConflictError("memory")
        self.items[key] = replace(delivery, version=delivery.version + 1)
        return self.items[key]

    def chat(self, channel: str) -> ChatState:
        return self.paces.get(channel, ChatState(channel))

    def chats(self) -> list[ChatState]:
        return list(self.paces.values())

    def save_chat(self, chat: ChatState) -> ChatState:
        if self.chat(chat.channel).version != chat.version:
            raise ConflictError("memory")
        self.paces[chat.channel] = replace(chat, version=chat.version + 1)
        return self.paces[chat.channel]

    def audience(self, event_id: str) -> tuple[str, ...] | None:
        return self.audiences.get(event_id)

    def save_audience(self, event_id: str, channels: tuple[str, ...]) -> None:
        if event_id in self.audiences:
            raise ConflictError("memory")
        self.audiences[event_id] = channels


class MemorySubscriptions:
    """Subscriptions in a dictionary, with the versions of the real store."""

    def __init__(self, *preferences: Subscription) -> None:
        self.items = {one.channel: one for one in preferences}

    def get(self, channel: str) -> Subscription | None:
        return self.items.get(channel)

    def all(self) -> list[Subscription]:
        return list(self.items.values())

    def save(self, preferences: Subscription) -> Subscription:
        known = self.items.get(preferences.channel)
        if (known.version if known else 0) != preferences.version:
            raise ConflictError("memory")
        self.items[preferences.channel] = replace(preferences, version=preferences.version + 1)
        return self.items[preferences.channel]


class MemoryBot:
    """Takes messages; `faults` are raised by the next sends, after delivery where they say so."""

    def __init__(self) -> None:
        self.sent: list[tuple[int | str, str, int | None]] = []
        self.silent: list[bool] = []
        self.buttons: list[Buttons] = []
        self.faults: list[Exception] = []
        self.deliver_then_fail = False
        self._ids: Iterator[int] = iter(range(1, 10_000))

    def send_message(
        self,
        chat_id: int | str,
        text: str,
        *,
        reply_to: int | None = None,
        silent: bool = False,
        buttons: Buttons = (),
    ) -> int:
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None and not self.deliver_then_fail:
            raise fault
        self.sent.append((chat_id, text, reply_to))
        self.silent.append(silent)
        self.buttons.append(buttons)
        if fault is not None:
            raise fault
        return next(self._ids)
