"""A progress bar that appears only when a task takes a while."""

import time
from types import TracebackType
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

SHOWN_AFTER_S: Final = 2.0


class Waiting:
    """Counts steps; from two seconds on a bar is drawn, on terminals only. A context manager."""

    def __init__(
        self,
        text: str,
        total: int,
        console: Console | None = None,
        shown_after_s: float = SHOWN_AFTER_S,
    ) -> None:
        self._text, self._total, self._done = text, total, 0
        self._console = console or Console(stderr=True)
        self._shown_after_s, self._began = shown_after_s, time.monotonic()
        self._progress: Progress | None = None

    def __enter__(self) -> "Waiting":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    @property
    def shown(self) -> bool:
        return self._progress is not None

    def step(self, count: int = 1) -> None:
        """Note that `count` more are done."""
        self._done += count
        if self._progress is None and self._is_time():
            self._progress = _drawn(self._console)
            self._progress.add_task(self._text, total=self._total)
            self._progress.start()
        if self._progress is not None:
            self._progress.update(self._progress.task_ids[0], completed=self._done)

    def _is_time(self) -> bool:
        waited = time.monotonic() - self._began
        return (
            waited >= self._shown_after_s and self._done < self._total and self._console.is_terminal
        )


def _drawn(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
