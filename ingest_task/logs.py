"""Structured logs: one JSON object a line on stderr. Frequent events are limited by `Repeats`."""

import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import Any, Final

from signalengine.text.escaping import escaped

_FIELDS: Final = "fields"


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time, level, logger, event, the fields, and a traceback if any."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "time": at.replace("+00:00", "Z"), "level": record.levelname,
            "logger": record.name, "event": record.getMessage(),
        }  # fmt: skip
        line.update(getattr(record, _FIELDS, {}))
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return escaped(json.dumps(line, default=str, ensure_ascii=False))


class Log:
    """Events with fields."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(f"ingest_task.{name}")

    def info(self, event: str, **fields: Any) -> None:
        """Log an event."""
        self._logger.info(event, extra={_FIELDS: fields})

    def warning(self, event: str, **fields: Any) -> None:
        """Log a problem that the task handles itself."""
        self._logger.warning(event, extra={_FIELDS: fields})

    def failure(self, event: str, *, trace: bool = False, **fields: Any) -> None:
        """Log a problem that an operator has to look at."""
        self._logger.error(event, extra={_FIELDS: fields}, exc_info=trace)


class Repeats:
    """Lets one event in `every_s` seconds through, and counts the rest."""

    def __init__(self, every_s: float = 10.0) -> None:
        self._every_s, self._next = every_s, 0.0
        self.count = 0

    def due(self) -> bool:
        """Count one; return whether it should be logged."""
        self.count += 1
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._every_s
        return True


def configure(level: str) -> None:
    """Send this task's logs to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("ingest_task")
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(level)
