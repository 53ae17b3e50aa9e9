"""Observations: wall time as event time, and the task's log."""

from pathlib import Path

from infra.local.faults.observations import Clocks, read_log


def test_wall_time_is_interpolated_between_polls() -> None:
    clocks = Clocks(500)
    assert (clocks.now, clocks.at(3.0)) == (500, 500)
    clocks.note(10.0, 1_000)
    clocks.note(20.0, 3_000)
    assert [clocks.at(wall) for wall in (5.0, 10.0, 15.0, 20.0, 99.0)] == [
        1_000, 1_000, 2_000, 3_000, 3_000,
    ]  # fmt: skip
    assert clocks.now == 3_000


def test_a_line_that_is_no_json_is_an_event_too(tmp_path: Path) -> None:
    log = tmp_path / "task.log"
    log.write_text(
        '{"time": "2025-05-19T00:00:00+00:00", "level": "INFO", "event": "started", "n": 1}\n'
        "Traceback (most recent call last):\n"
    )
    first, second = read_log(log)
    assert (first.wall, first.event, first.fields) == (1_747_612_800.0, "started", {"n": 1})
    assert (second.level, second.event) == ("ERROR", "unreadable")
