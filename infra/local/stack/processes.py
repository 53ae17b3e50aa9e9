"""Child processes of a local run: each in its own process group, with a readiness line.

A child prints one line `READY {json}` on its standard output when it can be used, and lines
`STATUS {json}` while something holds it up (startup/statuses.py). Other lines go to a callback; its
standard error goes to a log file. It ends when its parent does, in whatever way.
"""

import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.errors import CommandError
from infra.local.stack.private import UMASK, private_file
from infra.local.stack.process_groups import kill_group, signal_group

STOP_GRACE_S = 10.0
SILENT_S = 10.0
"""A child that is not ready for so long, and says nothing, is reported with its log's last line."""
_LOG_TAIL = 15
_ATTACHED = "infra.local.stack.startup.attached"


class Child:
    """One process of the local run, and its group."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        env: Mapping[str, str],
        log_dir: Path,
        on_line: Callable[[str], None] | None = None,
        on_status: Callable[[Mapping[str, Any]], None] | None = None,
    ) -> None:
        self.name = name
        self.log = log_dir / f"{name}.log"
        self._terminated = False
        self._on_line = on_line or (lambda _line: None)
        self._on_status = on_status or (lambda _status: None)
        self._status_at, self._held_up = time.monotonic(), False
        self._failure: Mapping[str, Any] | None = None
        self._ready: queue.Queue[dict[str, Any] | None] = queue.Queue()
        with private_file(self.log) as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own modules, no shell
                [sys.executable, "-u", "-X", "utf8", "-m", _ATTACHED, *arguments],
                env=dict(env),
                stdout=subprocess.PIPE,
                stderr=errors,
                stdin=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
                umask=UMASK,
            )
        self._reader = threading.Thread(target=self._read, name=f"{name}-output", daemon=True)
        self._reader.start()

    def ready(self, timeout_s: float) -> dict[str, Any]:
        """Wait for the READY line and return its JSON; raises CommandError with the reason."""
        give_up = time.monotonic() + timeout_s
        while True:
            left = give_up - time.monotonic()
            try:
                found = self._ready.get(timeout=max(0.0, min(left, SILENT_S)))
            except queue.Empty:
                if time.monotonic() >= give_up:
                    raise CommandError(
                        f"{self.name} was not ready in {timeout_s:.0f} s\n{self._tail()}"
                    ) from None
                self._report_silence()
                continue
            if found is None:
                raise self._ended(self._process.wait())
            return found

    def _report_silence(self) -> None:
        if self._held_up or time.monotonic() - self._status_at < SILENT_S:
            return
        last = (self._last_lines(1) or ["is not written yet"])[0]
        fix = f"The last line of {self.log}: {last[:300]}"
        self._on_status({"cause": "it is not ready yet", "fix": fix})

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def check(self) -> None:
        """Raise CommandError if the process has ended."""
        if self.exit_code is not None:
            raise self._ended(self.exit_code)

    def terminate(self) -> None:
        """Send SIGTERM to the whole group."""
        self._terminated = True
        signal_group(self._process.pid, signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL to the whole group."""
        kill_group(self._process.pid)
        self._process.wait()

    def stop(self) -> None:
        """Send SIGTERM unless sent before, wait a grace period, then SIGKILL the group."""
        if not self._terminated:
            self.terminate()
        deadline = time.monotonic() + STOP_GRACE_S
        while self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        kill_group(self._process.pid)
        self._process.wait()
        self._reader.join(timeout=2.0)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - opened with PIPE above
        for line in self._process.stdout:
            text = line.rstrip("\n")
            if text.startswith("READY "):
                self._ready.put(json.loads(text.removeprefix("READY ")))
            elif text.startswith("STATUS "):
                self._take_status(json.loads(text.removeprefix("STATUS ")))
            else:
                self._on_line(text)
        self._ready.put(None)

    def _take_status(self, status: Mapping[str, Any]) -> None:
        self._status_at, self._held_up = time.monotonic(), "cause" in status
        if "failed" in status:
            self._failure = status
        else:
            self._on_status(status)

    def _ended(self, code: int) -> CommandError:
        """Return the error of a process that has ended: its own reason, else its log's end."""
        self._reader.join(timeout=2.0)  # its last line may be on the way
        if self._failure is not None:
            fix = str(self._failure.get("fix", "")) or f"its log is {self.log}"
            return CommandError(f"{self.name}: {self._failure['failed']}", fix)
        return CommandError(f"{self.name} ended with code {code}\n{self._tail()}")

    def _tail(self) -> str:
        lines = self._last_lines(_LOG_TAIL)
        return "\n".join([f"the end of {self.log}:", *(f"  {line}" for line in lines)])

    def _last_lines(self, count: int) -> list[str]:
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
