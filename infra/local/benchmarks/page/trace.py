"""Figures of a page from a trace of Chromium (pure).

Events have the Trace Event format: `ts` and `dur` in µs, `tdur` the thread's own CPU time in µs.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

CATEGORIES: Final = (
    "blink.user_timing", "devtools.timeline", "disabled-by-default-lighthouse", "loading",
    "toplevel",
)  # fmt: skip
TASKS: Final = ("RunTask", "ThreadControllerImpl::RunTask")
"""Names of a main thread's tasks, the usual one first; of both only one is counted."""
LONG_MS: Final = 50.0
Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Task:
    """One task of the main thread: begin and length (ms), and its CPU time (ms)."""

    at_ms: float
    wall_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one load, ms since the navigation; None: it did not happen.

    `shifts` is the sum of all layout shifts, `blocked_ms` the total blocking time: what long tasks
    took beyond 50 ms each after the first contentful paint, by the clock and by CPU time.
    """

    first_paint_ms: float | None
    largest_paint_ms: float | None
    shifts: float
    blocked_ms: float
    blocked_cpu_ms: float
    last_long_task_ms: float | None
    """The end of the last long task: from then on the page answers at once."""
    longest_task_ms: float


def figures(events: Sequence[Event]) -> Figures:
    """Return the figures of the trace's last navigation; raises ValueError without one."""
    start = _navigation(events)
    frame, begun = start["args"]["frame"], float(start["ts"])
    after = [event for event in events if event.get("ts", 0) >= begun]

    def last(name: str) -> float | None:
        found = [one["ts"] for one in after if one["name"] == name and _frame(one) == frame]
        return (max(found) - begun) / 1000 if found else None

    first = last("firstContentfulPaint")
    from_ms = first or 0.0
    found = [one for one in tasks(after, start) if one.at_ms + one.wall_ms > from_ms]
    long = [one for one in found if one.wall_ms > LONG_MS]
    return Figures(
        first_paint_ms=first,
        largest_paint_ms=last("largestContentfulPaint::Candidate"),
        shifts=sum(_shifts(after)),
        blocked_ms=sum(one.wall_ms - LONG_MS for one in long),
        blocked_cpu_ms=sum(one.cpu_ms - LONG_MS for one in found if one.cpu_ms > LONG_MS),
        last_long_task_ms=max((one.at_ms + one.wall_ms for one in long), default=first),
        longest_task_ms=max((one.wall_ms for one in found), default=0.0),
    )


def tasks(events: Iterable[Event], start: Event) -> list[Task]:
    """Return the tasks of the thread of a navigation, timed from it."""
    own = [
        event
        for event in events
        if event["name"] in TASKS
        and event.get("ph") == "X"
        and (event["pid"], event["tid"]) == (start["pid"], start["tid"])
    ]
    chosen = next((name for name in TASKS if any(one["name"] == name for one in own)), "")
    return [
        Task((one["ts"] - start["ts"]) / 1000, one["dur"] / 1000, one.get("tdur", 0) / 1000)
        for one in own
        if one["name"] == chosen
    ]


def _navigation(events: Iterable[Event]) -> Event:
    found = [
        event
        for event in events
        if event["name"] == "navigationStart"
        and str(event["args"].get("data", {}).get("documentLoaderURL", "")).startswith("http")
    ]
    if not found:
        raise ValueError("the trace has no navigation")
    return max(found, key=lambda event: float(event["ts"]))


def _frame(event: Event) -> Any:
    return event.get("args", {}).get("frame")


def _shifts(events: Iterable[Event]) -> Iterable[float]:
    for event in events:
        data = event.get("args", {}).get("data", {})
        if event["name"] == "LayoutShift" and not data.get("had_recent_input"):
            yield float(data.get("weighted_score_delta", data.get("score", 0.0)))


@dataclass(frozen=True, slots=True)
class Frames:
    """Times between frames, ms; `dropped` of those that 60 a second would be."""

    p50_ms: float
    p95_ms: float
    p99_ms: float
    worst_ms: float
    dropped: int
    count: int


FRAME_MS: Final = 1000 / 60


def frames(times: Sequence[float]) -> Frames:
    """Return the statistics of frames, by the times (ms) at which they began."""
    lengths = sorted(b - a for a, b in itertools.pairwise(times))
    if not lengths:
        raise ValueError("fewer than two frames")

    def at(share: float) -> float:
        return lengths[min(len(lengths) - 1, int(share * len(lengths)))]

    missed = sum(max(0, round(length / FRAME_MS) - 1) for length in lengths)
    return Frames(at(0.5), at(0.95), at(0.99), lengths[-1], missed, len(lengths))
