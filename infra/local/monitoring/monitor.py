"""A line on the queues, CPU and memory every few seconds, and a warning when one is high."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.monitoring.usage import Usage

EVERY_S: Final = 30.0
MOST_CPU_PERCENT: Final = 80.0
MOST_MEMORY_BYTES: Final = 1 << 30
QUEUES: Final = {
    "telegram": "TelegramQueueUrl",
    "telegram_dead_letters": "TelegramDeadLetterQueueUrl",
    "dead_letters": "DeadLetterQueueUrl",
}
"""Queues that are named in a line, by the stack's outputs with their addresses."""
_DEPTHS: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
_LOG_BYTES: Final = 5_000_000


class Monitor:
    """Writes the lines, and says once when a limit is crossed."""

    def __init__(
        self,
        *,
        queues: Callable[[], Mapping[str, int]],
        usage: Callable[[], Usage],
        write: Callable[[str], None],
        warn: Callable[[str], None],
        every_s: float = EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queues, self._usage, self._write, self._warn = queues, usage, write, warn
        self._every_s, self._clock = every_s, clock
        self._due = clock() + every_s
        self._high: set[str] = set()

    def look(self) -> None:
        """Write a line if one is due."""
        if self._clock() < self._due:
            return
        self._due = self._clock() + self._every_s
        used = self._usage()
        self._write(line(self._queues(), used))
        high = dict(warnings(used))
        for name in high.keys() - self._high:
            self._warn(high[name])
        self._high = set(high)


def line(queues: Mapping[str, int], used: Usage) -> str:
    """Return the line of one reading."""
    depths = " ".join(f"{name}={depth}" for name, depth in queues.items()) or "unknown"
    memory_mb = used.memory_bytes >> 20
    return f"queues: {depths} · cpu: {used.cpu_percent:.1f} % · memory: {memory_mb} MB"


def warnings(used: Usage) -> Iterator[tuple[str, str]]:
    """Yield what is higher than it should be: its name, and a sentence."""
    if used.cpu_percent > MOST_CPU_PERCENT:
        text = (
            f"{used.cpu_percent:.0f} % of this machine's processors, over {MOST_CPU_PERCENT:.0f} %"
        )
        yield "cpu", f"CPU: {text}. Fewer symbols, or a lower --speed, need less."
    if used.memory_bytes > MOST_MEMORY_BYTES:
        text = f"{used.memory_bytes / (1 << 30):.1f} GB in all processes, over 1 GB"
        yield "memory", f"memory: {text}. Fewer symbols need less."


def depths_of(sqs: Any, outputs: Mapping[str, str]) -> dict[str, int]:
    """Return how many messages are in each queue, hidden ones too; {} while none can be read."""
    try:
        return {name: _depth(sqs, outputs[output]) for name, output in QUEUES.items()}
    except (ClientError, BotoCoreError):
        return {}


def _depth(sqs: Any, url: str) -> int:
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_DEPTHS))
    return sum(int(answer["Attributes"][name]) for name in _DEPTHS)


class MonitorLog(RotatingFileHandler):
    """A log of lines with their time; its files are rotated, and readable by their user only."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8")
        form = logging.Formatter("%(asctime)sZ %(message)s", "%Y-%m-%dT%H:%M:%S")
        form.converter = time.gmtime
        self.setFormatter(form)

    def write(self, text: str) -> None:
        """Append a line."""
        self.emit(logging.makeLogRecord({"msg": text}))

    def _open(self) -> TextIOWrapper:
        file = super()._open()
        Path(self.baseFilename).chmod(0o600)
        return file
