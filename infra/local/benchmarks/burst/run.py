"""Stores a burst, waits until nothing of it is left anywhere, and compares both ends."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from signalengine.intervals import MINUTE_MS

from infra.local.benchmarks.burst.comparison import Burst, compared
from infra.local.benchmarks.burst.signals import burst, signal_id
from infra.local.benchmarks.burst.system import BurstSystem, started
from infra.local.benchmarks.sampling import (
    Sample,
    Sampler,
    gauge,
    growth,
    leaks,
    parts,
)
from infra.local.benchmarks.timelines import depth_picture, memory_picture
from infra.local.chaos.stack.workers import FUNCTIONS
from machine.files import write

QUIET_S: Final = 420.0
"""No change for longer than a message of a stopped function is hidden: nothing more will come."""
LOOK_S: Final = 2.0
DRAINED: Final = ("outbox", "queue_due", "queue_hidden")


@dataclass(slots=True)
class Progress:
    """How much of the burst is where."""

    signals: int
    stored: int = 0
    stored_s: float | None = None
    """How long it took to store all of them."""
    began: float = field(default_factory=time.monotonic)

    def store(self) -> None:
        self.stored += 1


def play(count: int, state_dir: Path, report: Callable[[str], None]) -> Burst:
    """Send `count` signals of one minute through the stack."""
    with started(state_dir, report) as system:
        progress = Progress(count)
        with Sampler(
            FUNCTIONS, every_s=LOOK_S, gauges=lambda: _gauges(system, progress)
        ) as sampler:
            close_time = int(time.time()) * 1000 // MINUTE_MS * MINUTE_MS
            report(f"Storing {count:,} signals of one minute")
            system.store(burst(count, close_time), progress.store)
            progress.stored_s = time.monotonic() - progress.began
            complete = _drained(system, sampler, report)
            drained_s = time.monotonic() - progress.began
        return Burst(
            _report(system, progress, sampler.samples, drained_s, complete=complete),
            sampler.samples,
        )


def _gauges(system: BurstSystem, progress: Progress) -> dict[str, float]:
    received = len({row.event_id for row in system.listener.received()})
    return {
        "stored": float(progress.stored),
        "websocket": float(received),
        "outbox": float(system.pending()),
        "telegram": float(len(system.messages())),
        **system.queue(),
    }


def fully_drained(depth: Mapping[str, float]) -> bool:
    """Return whether nothing waits anywhere, and the WebSocket client has everything (pure)."""
    return not any(depth[name] for name in DRAINED) and depth["websocket"] >= depth["stored"]


def _drained(system: BurstSystem, sampler: Sampler, report: Callable[[str], None]) -> bool:
    """Wait until nothing is left; False when it does not get less any more."""
    mark, since, reported = "", time.monotonic(), 0.0
    while time.monotonic() - since < QUIET_S:
        system.check()
        newest = sampler.samples[-1].gauges
        if fully_drained(newest):
            return True
        if mark != (mark := json.dumps(newest)):
            since = time.monotonic()
        if time.monotonic() - reported > 30:
            reported = time.monotonic()
            report(", ".join(f"{name} {value:,.0f}" for name, value in newest.items()))
        time.sleep(LOOK_S)
    return False


def _report(
    system: BurstSystem,
    progress: Progress,
    samples: Sequence[Sample],
    drained_s: float,
    *,
    complete: bool,
) -> dict[str, Any]:
    events = [f"{signal_id(number)}#opened" for number in range(progress.signals)]
    received = Counter(row.event_id for row in system.listener.received())
    rows = system.deliveries(events)
    digests = system.deliveries(sorted({str(r["digest"]) for r in rows.values() if "digest" in r}))
    messages = [str(one["text"]) for one in system.messages()]
    chat = compared(events, rows, digests, messages)
    missing = sum(event not in received for event in events)
    found = growth(samples)
    return {
        "signals": progress.signals,
        "stored_s": round(progress.stored_s or 0.0, 1),
        "drained_s": round(drained_s, 1),
        "complete": complete,
        "telegram_messages": len(messages),
        "digests": len(digests),
        "in_digests": sum("digest" in row for row in rows.values()),
        "errors": [],
        "lost": chat["lost"] + missing,
        "lost_by": {"telegram": chat["lost"], "websocket": missing},
        "duplicated": chat["duplicated"],
        "websocket_repeats": sum(n - 1 for n in received.values()),
        "deepest": {name: max((y for _, y in gauge(samples, name)), default=0.0)
                    for name in DRAINED},
        "processes": [one.row() for one in found],
        "leaks": [one.row() for one in leaks(found)],
    }  # fmt: skip


def save(result: Burst, report_file: Path) -> list[Path]:
    """Write the report, and pictures of depth and memory beside it; returns the files."""
    samples = result.samples
    rows = [{"at_s": one.at_s, **one.gauges} for one in samples]
    write(report_file, json.dumps({**result.report, "depth": rows}, indent=1) + "\n")
    files = {
        report_file.with_name(f"{report_file.stem}-depth.svg"): depth_picture(samples),
    }
    if parts(samples):
        files[report_file.with_name(f"{report_file.stem}-memory.svg")] = memory_picture(samples)
    for file, text in files.items():
        write(file, text)
    return [report_file, *files]
