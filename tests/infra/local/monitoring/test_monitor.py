"""The monitor: a line at each interval, a warning when a limit is crossed."""

import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.monitoring.monitor import (
    MOST_CPU_PERCENT,
    MOST_MEMORY_BYTES,
    QUEUES,
    Monitor,
    MonitorLog,
    depths_of,
    line,
)
from infra.local.monitoring.usage import Usage


class Run:
    """A monitor of a run whose time and usage the test sets."""

    def __init__(self) -> None:
        self.now, self.used = 0.0, Usage(1.0, 1)
        self.lines: list[str] = []
        self.warnings: list[str] = []
        self.monitor = Monitor(
            queues=lambda: {"telegram": 4},
            usage=lambda: self.used,
            write=self.lines.append,
            warn=self.warnings.append,
            clock=lambda: self.now,
        )

    def after(self, seconds: float, used: Usage) -> None:
        self.now, self.used = self.now + seconds, used
        self.monitor.look()


def test_a_line_is_written_every_half_minute() -> None:
    run = Run()
    for _ in range(90):
        run.after(1.0, Usage(12.34, 700 << 20))
    assert run.lines == ["queues: telegram=4 · cpu: 12.3 % · memory: 700 MB"] * 3
    assert run.warnings == []


def test_a_limit_is_warned_of_when_it_is_crossed_not_while_it_lasts() -> None:
    run = Run()
    at_the_limit = Usage(MOST_CPU_PERCENT, MOST_MEMORY_BYTES)
    over = Usage(MOST_CPU_PERCENT + 13, MOST_MEMORY_BYTES * 2)
    for used in (at_the_limit, over, over, at_the_limit, over):
        run.after(30.0, used)
    assert [text.partition(":")[0] for text in sorted(run.warnings)] == [
        "CPU", "CPU", "memory", "memory",
    ]  # fmt: skip
    assert any("93 % of this machine's processors, over 80 %" in text for text in run.warnings)
    assert any("2.0 GB in all processes, over 1 GB" in text for text in run.warnings)


class Sqs:
    """Queues of three messages, two of them hidden; none when it is broken."""

    def __init__(self, broken: bool = False) -> None:
        self.broken = broken

    def get_queue_attributes(self, **_: Any) -> Any:
        if self.broken:
            raise ClientError({"Error": {"Code": "500"}}, "GetQueueAttributes")
        return {"Attributes": {
            "ApproximateNumberOfMessages": "1", "ApproximateNumberOfMessagesNotVisible": "2",
        }}  # fmt: skip


def test_hidden_messages_count_and_queues_that_cannot_be_read_are_unknown() -> None:
    outputs = dict.fromkeys(QUEUES.values(), "url")
    assert depths_of(Sqs(), outputs) == {
        "telegram": 3, "telegram_dead_letters": 3, "dead_letters": 3,
    }  # fmt: skip
    assert depths_of(Sqs(broken=True), outputs) == {}
    assert line({}, Usage(0.0, 0)).startswith("queues: unknown")


def test_the_log_is_private_and_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.local.monitoring.monitor._LOG_BYTES", 200)
    path = tmp_path / "monitor.log"
    with closing(MonitorLog(path)) as log:
        for _ in range(50):
            log.write("queues: telegram=0")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["monitor.log", "monitor.log.1"]
    assert path.read_text().splitlines()[0].endswith("Z queues: telegram=0")
    assert all(p.stat().st_size <= 200 for p in tmp_path.iterdir())
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
