"""The report of a replay: input, output, lost and duplicate messages, latencies.

`build` is pure: it takes what was read at both ends and in the tables.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from signalengine.settlement import StoredBar, settle
from signalengine.signals import Decision, Signal

from infra.local.replay.listener import Received

TELEGRAM_TERMINAL = ("delivered", "failed", "suppressed")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the deliveries table: an event, sent to a chat of Telegram."""

    event_id: str
    status: str
    message_id: int | None


@dataclass(frozen=True, slots=True)
class ReplaySnapshot:
    """Everything the report is made from. Times `*_at` are wall clock ms."""

    bars_sent: Mapping[str, int]
    bars_stored: Mapping[str, int]
    sent_counts: Mapping[str, int]
    sent_at: Mapping[tuple[str, int], float]
    events: int
    decisions: Sequence[Decision]
    signals: Sequence[Signal]
    deliveries: Sequence[Delivery]
    telegram_at: Mapping[int, float]
    received: Sequence[Received]
    overdue: int
    """Signals still open though the recording settles them."""
    dead_letters: int
    wall_s: float


def expected_events(signals: Sequence[Signal]) -> list[str]:
    """Return the id of every message due on a channel: openings, and closings of closed signals."""
    out = []
    for signal in signals:
        out.append(f"{signal.signal_id}#opened")
        if signal.settlement is not None:
            out.append(f"{signal.signal_id}#closed")
    return out


def build(
    seen: ReplaySnapshot, incomplete: str | None = None, unread: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the report; `lost` and `duplicated` count over both channels and the bars.

    `incomplete`: why the replay ended early; `unread`: the parts that could not be read then.
    """
    delivered = {row.event_id: row for row in seen.deliveries if row.status == "delivered"}
    return {
        **_engine(seen),
        **_messages(seen, delivered),
        "dead_letters": seen.dead_letters,
        "latency_ms": {
            "websocket": _latency_websocket(seen),
            "telegram": _latency_telegram(seen, delivered),
        },
        "wall_s": round(seen.wall_s, 1),
        "complete": incomplete is None,
        "incomplete_because": incomplete,
        "unread": list(unread),
        "signal_rows": [
            _row(s) for s in sorted(seen.signals, key=lambda s: (s.close_time, s.symbol))
        ],
    }


def _engine(seen: ReplaySnapshot) -> dict[str, Any]:
    """Return what the engine made of the market."""
    closed = [s for s in seen.signals if s.settlement is not None]
    return {
        "bars": sum(seen.bars_stored.values()),
        "ticks": seen.sent_counts.get("ticks", 0),
        "events": seen.events,
        "decisions": dict(sorted(Counter(d.verdict.value for d in seen.decisions).items())),
        "signals": len(seen.signals),
        "outcomes": dict(sorted(Counter(s.status for s in closed).items())),
        "open_at_end": len(seen.signals) - len(closed),
        "overdue": seen.overdue,
    }


def _messages(seen: ReplaySnapshot, delivered: Mapping[str, Delivery]) -> dict[str, Any]:
    """Return what arrived, and what was lost or came twice on the way.

    An answer to a client repeats some of what was pushed to it: only a second push is a duplicate.
    """
    due = expected_events(seen.signals)
    received = {row.event_id for row in seen.received}
    pushed = Counter(row.event_id for row in seen.received if not row.requested)
    lost = {
        "bars": sum(max(0, n - seen.bars_stored.get(s, 0)) for s, n in seen.bars_sent.items()),
        "telegram": len([e for e in due if e not in delivered]),
        "websocket": len([e for e in due if e not in received]),
    }
    duplicated = {
        "telegram": len(seen.telegram_at) - len({row.message_id for row in delivered.values()}),
        "websocket": pushed.total() - len(pushed),
    }
    return {
        "telegram_opened": _ending(delivered, "#opened"),
        "telegram_closed": _ending(delivered, "#closed"),
        "websocket_received": len(seen.received),
        "websocket_requested": len(seen.received) - pushed.total(),
        "lost": sum(lost.values()),
        "lost_by": lost,
        "duplicated": sum(duplicated.values()),
        "duplicated_by": duplicated,
    }


def overdue(signal: Signal, bars: Sequence[StoredBar], end: int) -> bool:
    """Return whether the recording settles this open signal: by its bars or by expiry."""
    if signal.settlement is not None:
        return False
    return signal.expires_at <= end or settle(signal, bars) is not None


def percentiles(values: Sequence[float]) -> dict[str, float | int | None]:
    """Return n, p50 and p99 (nearest rank), None without values."""
    if not values:
        return {"n": 0, "p50": None, "p99": None}
    ordered = sorted(values)
    pick = [ordered[min(len(ordered) - 1, int(len(ordered) * q))] for q in (0.50, 0.99)]
    return {"n": len(ordered), "p50": round(pick[0], 1), "p99": round(pick[1], 1)}


def _latency_websocket(seen: ReplaySnapshot) -> dict[str, float | int | None]:
    first: dict[str, Received] = {}
    for row in seen.received:
        if row.kind == "signal":
            first.setdefault(row.event_id, row)
    values = []
    for row in first.values():
        start = seen.sent_at.get((row.signal["symbol"], row.signal["close_time"]))
        if start is not None:
            values.append(row.at - start)
    return percentiles(values)


def _latency_telegram(
    seen: ReplaySnapshot, delivered: Mapping[str, Delivery]
) -> dict[str, float | int | None]:
    values = []
    for signal in seen.signals:
        delivery = delivered.get(f"{signal.signal_id}#opened")
        start = seen.sent_at.get((signal.symbol, signal.close_time))
        arrived = None if delivery is None else seen.telegram_at.get(delivery.message_id or 0)
        if arrived is not None and start is not None:
            values.append(arrived - start)
    return percentiles(values)


def _ending(delivered: Mapping[str, Delivery], suffix: str) -> int:
    return len([event_id for event_id in delivered if event_id.endswith(suffix)])


def _row(signal: Signal) -> dict[str, Any]:
    end = signal.settlement
    return {
        "id": signal.signal_id,
        "symbol": signal.symbol,
        "direction": signal.direction,
        "close_time": signal.close_time,
        "score": signal.score,
        "entry_price": signal.entry_price,
        "tp_price": signal.tp_price,
        "sl_price": signal.sl_price,
        "outcome": None if end is None else end.outcome.value,
        "closed_at": None if end is None else end.closed_at,
        "exit_price": None if end is None else end.exit_price,
        "gross_return": None if end is None else end.gross_return,
        "net_return": None if end is None else end.net_return,
        "ambiguous": None if end is None else end.ambiguous,
    }
