"""Sends a bar through both pipelines in turn, and compares the times."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from signalengine.facts.stream import encode

from infra.errors import CommandError
from infra.local.benchmarks.burst.system import BurstSystem
from infra.local.benchmarks.latency.empty import EmptyPipeline
from infra.local.benchmarks.latency.market import Opening

WAIT_S: Final = 120.0
LOOK_S: Final = 0.005
DELIVERED_LOOK_S: Final = 0.1
RECEIPTS: Final = ("put to stored", "stored to queued", "queued to acknowledged")
BOUND: Final = 2.0
"""The aim: the median time to a client, relative to that of the empty pipeline."""


@dataclass(frozen=True, slots=True)
class Round:
    """One bar through each pipeline. Seconds from the put to the WebSocket client."""

    put_at: float
    """Of ours, wall clock ms."""
    ours_s: float
    empty_s: float
    delivery: Mapping[str, Any]
    """To the chat, as it is stored."""


def warm(system: BurstSystem, openings: Sequence[Opening]) -> None:
    """Put the past of all symbols."""
    kinesis, stream = system.aws.client("kinesis"), system.outputs["FeedStreamName"]
    for one in openings:
        records = [{"Data": encode(fact), "PartitionKey": one.symbol} for fact in one.history]
        answer = kinesis.put_records(StreamName=stream, Records=records)
        if answer["FailedRecordCount"]:
            raise CommandError("the embedded AWS refused records")


def play(
    system: BurstSystem,
    empty: EmptyPipeline,
    openings: Sequence[Opening],
    report: Callable[[str], None],
) -> list[Round]:
    """Send each symbol's bar through both; which is first alternates."""
    rounds, kinesis = list[Round](), system.aws.client("kinesis")
    for number, one in enumerate(openings):
        data = encode(one.fact)
        other_s = through_empty(empty, one.symbol, data) if number % 2 else 0.0
        put_at = time.time() * 1000
        ours_s = through_ours(system, kinesis, one, data)
        row = delivered(system, one)
        other_s = other_s or through_empty(empty, one.symbol, data)
        rounds.append(Round(put_at, ours_s, other_s, row))
        report(
            f"{one.symbol}: {1000 * ours_s:,.0f} ms, the empty pipeline {1000 * other_s:,.0f} ms"
        )
    return rounds


def through_ours(system: BurstSystem, kinesis: Any, one: Opening, data: bytes) -> float:
    """Put a bar; return when its signal is at the client (s). Raises CommandError."""
    began = time.time()
    kinesis.put_record(
        StreamName=system.outputs["FeedStreamName"], Data=data, PartitionKey=one.symbol
    )
    while time.time() < began + WAIT_S:
        for row in system.listener.received():
            if row.event_id == one.event_id:
                return row.at / 1000 - began
        system.check()
        time.sleep(LOOK_S)
    raise CommandError(f"the signal of {one.symbol} did not arrive in {WAIT_S:.0f} s")


def through_empty(empty: EmptyPipeline, symbol: str, data: bytes) -> float:
    """Put a record; return when it is at the client (s). Raises CommandError."""
    began = time.time()
    empty.send(symbol, data)
    text, at = empty.receive(WAIT_S)
    if text.encode() != data:
        raise CommandError("the empty pipeline passed on something else")
    return at - began


def delivered(system: BurstSystem, one: Opening) -> Mapping[str, Any]:
    """Return the delivery of a signal to the chat, once it is made: then nothing is under way."""
    give_up = time.monotonic() + WAIT_S
    while time.monotonic() < give_up:
        row = system.deliveries([one.event_id]).get(one.event_id, {})
        if row.get("status") == "delivered":
            return row
        time.sleep(DELIVERED_LOOK_S)
    raise CommandError(f"the message about {one.symbol} was not delivered in {WAIT_S:.0f} s")


def summary(rounds: Sequence[Round], unmeasured: int) -> dict[str, Any]:
    """Return the report (pure but for the load): times in ms, and the ratio of the medians.

    The first `unmeasured` rounds start functions and are left out.
    """
    measured = rounds[unmeasured:]
    ours = [1000 * one.ours_s for one in measured]
    empty = [1000 * one.empty_s for one in measured]
    ratio = quantile(ours, 0.5) / quantile(empty, 0.5)
    receipts = [receipt(one) for one in measured]
    return {
        "rounds": len(measured),
        "ours_ms": spread(ours),
        "empty_ms": spread(empty),
        "ratio": round(ratio, 2),
        "ratio_of_rounds": spread([a / b for a, b in zip(ours, empty, strict=True)], digits=2),
        "bound": BOUND,
        "met": ratio <= BOUND,
        "receipts_ms": {name: spread([one[name] for one in receipts]) for name in RECEIPTS},
        "load": [round(one, 1) for one in os.getloadavg()],
        "cores": os.cpu_count(),
    }


def receipt(one: Round) -> dict[str, float]:
    """Return the parts (ms) of the way to the chat, by the times that the stack stored (pure)."""
    sent = float(one.delivery["sent_at"])
    stored = sent - float(one.delivery["commit_latency_ms"])
    queued = sent - float(one.delivery["publish_latency_ms"])
    return dict(zip(RECEIPTS, (stored - one.put_at, queued - stored, sent - queued), strict=True))


def spread(values: Sequence[float], digits: int = 1) -> dict[str, float]:
    """Return quartiles and the 95th percentile of values."""
    names = {"p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
    return {name: round(quantile(values, share), digits) for name, share in names.items()}


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
