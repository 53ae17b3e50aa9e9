"""Figures of a page from a trace: of its last navigation, its own frame and its main thread."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.benchmarks.page.trace import FRAME_MS, figures, frames

OWN = {"pid": 7, "tid": 1}


def event(name: str, ms: float, *, frame: str = "F", **args: Any) -> dict[str, Any]:
    return {"name": name, "ts": ms * 1000, "ph": "R", "args": {"frame": frame, **args}, **OWN}


def navigation(ms: float, url: str = "http://127.0.0.1/") -> dict[str, Any]:
    return event("navigationStart", ms, data={"documentLoaderURL": url})


def task(ms: float, wall: float, cpu: float = 0.0, **place: int) -> dict[str, Any]:
    found = {"name": "RunTask", "ph": "X", "ts": ms * 1000, "dur": wall * 1000, "tdur": cpu * 1000}
    return {**found, "args": {}, **OWN, **place}


def shift(ms: float, score: float, *, recent: bool = False) -> dict[str, Any]:
    data = {"weighted_score_delta": score, "had_recent_input": recent}
    return event("LayoutShift", ms, data=data)


def test_the_figures_are_those_of_the_last_navigation() -> None:
    found = figures([
        navigation(10, "about:blank"), navigation(50), event("firstContentfulPaint", 90),
        navigation(100), event("firstContentfulPaint", 400),
        event("firstContentfulPaint", 300, frame="another"),
        event("largestContentfulPaint::Candidate", 450),
        event("largestContentfulPaint::Candidate", 700),
        shift(80, 9.0), shift(500, 0.01), shift(600, 0.02), shift(650, 5.0, recent=True),
        task(200, 500), task(900, 40), task(1_000, 170, 60), task(2_000, 90, tid=2),
    ])  # fmt: skip
    assert (found.first_paint_ms, found.largest_paint_ms) == (300, 600)
    assert found.shifts == pytest.approx(0.03)
    # the task that was running at the first paint counts, one of another thread does not
    assert found.blocked_ms == pytest.approx(450 + 120)
    assert found.blocked_cpu_ms == pytest.approx(10)
    assert found.last_long_task_ms == pytest.approx(1_070)
    assert found.longest_task_ms == pytest.approx(500)


def test_a_page_without_long_tasks_is_ready_at_its_first_paint() -> None:
    found = figures([navigation(0), event("firstContentfulPaint", 80), task(100, 20)])
    assert (found.blocked_ms, found.last_long_task_ms, found.longest_task_ms) == (0, 80, 20)
    assert found.largest_paint_ms is None


def test_a_trace_without_a_page_is_refused() -> None:
    with pytest.raises(ValueError, match="no navigation"):
        figures([navigation(0, "about:blank")])
    with pytest.raises(ValueError, match="two frames"):
        frames([1.0])


@given(st.lists(st.integers(1, 12), min_size=1, max_size=300))
def test_frames_that_were_missed_are_dropped(lengths: list[int]) -> None:
    times = [0.0]
    for length in lengths:
        times.append(times[-1] + length * FRAME_MS)
    found = frames(times)
    assert found.count == len(lengths)
    assert found.count + found.dropped == sum(lengths)
    assert found.worst_ms == pytest.approx(max(lengths) * FRAME_MS)
    assert found.p50_ms <= found.p95_ms <= found.p99_ms <= found.worst_ms
