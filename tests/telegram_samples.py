"""Signals, their queue messages, and a bot that stores what it is sent."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from signalengine.digests import Digest, with_signal
from signalengine.facts.stream import Quality
from signalengine.signals import (
    Event,
    Exits,
    Fill,
    Outcome,
    Settlement,
    Signal,
    StopMove,
    Target,
    settled,
)
from signalengine.text.messages import Buttons
from signalengine_aws.delivery.errors import MovedError
from signalengine_aws.delivery.notifications import addressed
from signalengine_aws.delivery.queue import QueueMessage
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


def stepped(**changes: Any) -> Signal:
    """Return an open signal that closed a half at its first target and moved its stop."""
    at = NOON + 9 * MINUTE
    exits = Exits(
        (Target(51_234.56, 0.5), Target(52_000.0, 0.25)), break_even=True, trail=400.0,
        trail_step=100.0, trail_after=1, leave=True,
    )  # fmt: skip
    steps = (Fill("target1", at, 51_234.56, 0.5), StopMove("stop1", at, 50_834.56))
    return signal(**{"exits": exits, "progress": steps, **changes})


def digest_of(*signals: Signal, replies: tuple[str, ...] = ()) -> Digest:
    """Return the digest that signals join, each with the message that it would reply to."""
    digest: Digest | None = None
    for number, one in enumerate(signals):
        digest = with_signal(digest, one, replies[number] if replies else None)
    assert digest is not None
    return digest


def body(subject: Signal, *, committed_at: int = NOON, to: str | None = None) -> str:
    """Return the queue message of a signal: its closing when it is settled, else its opening.

    As it is published, or with `to` for one chat.
    """
    kind: Publication = "opened" if subject.settlement is None else "closed"
    published = json.dumps(signal_message(subject, kind, committed_at).body)
    return published if to is None else addressed(published, to)


def message(text: str, name: str = "m1") -> QueueMessage:
    return QueueMessage(name, f"receipt of {name}", text)


class MemoryBot:
    """Accepts messages; `faults` are raised by the next sends, `deliver_then_fail`: afterwards."""

    def __init__(self) -> None:
        self.sent: list[tuple[int | str, str, int | None]] = []
        self.silent: list[bool] = []
        self.buttons: list[Buttons] = []
        self.topics: list[int | None] = []
        self.faults: list[Exception] = []
        self.deliver_then_fail = False
        self.upgraded: dict[str, str] = {}
        """Groups that became supergroups, with the new ids."""
        self._ids: Iterator[int] = iter(range(1, 10_000))

    def send_message(
        self,
        chat_id: int | str,
        text: str,
        *,
        reply_to: int | None = None,
        silent: bool = False,
        buttons: Buttons = (),
        topic: int | None = None,
    ) -> int:
        if str(chat_id) in self.upgraded:
            raise MovedError(self.upgraded[str(chat_id)])
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None and not self.deliver_then_fail:
            raise fault
        self.sent.append((chat_id, text, reply_to))
        self.silent.append(silent)
        self.buttons.append(buttons)
        self.topics.append(topic)
        if fault is not None:
            raise fault
        return next(self._ids)
