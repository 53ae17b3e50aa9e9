"""`signalengine up` on a data directory: all processes are killed, and the next start goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TypeVar

import psutil
import pytest
import requests

from infra.local.operator_requests import operator_session
from infra.local.stack.running import Running, find

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]
READY_S = 240.0
T = TypeVar("T")


class Up:
    """One `signalengine up --keep`, and what is read of it."""

    def __init__(self, folder: Path) -> None:
        self._state = folder / "state"
        command = [
            sys.executable, "-m", "infra.cli.main", "up", "--speed", "60", "--keep",
            "--symbols", "BTCUSDT,ETHUSDT,SOLUSDT", "--data-dir", str(folder / "data"),
            "--state-dir", str(self._state), "--port", "0",
        ]  # fmt: skip
        with (folder / "output.txt").open("w") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                command, stdout=output, stderr=subprocess.STDOUT, env=_environment()
            )
        self._ended = False
        try:
            self.running = until(self._found)
        except BaseException:
            self.kill()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.kill()

    def kill(self) -> None:
        """Kill the command and everything that it started, at one moment."""
        if self._ended:
            return
        self._ended = True
        family = psutil.Process(self._process.pid).children(recursive=True)
        os.kill(self._process.pid, signal.SIGKILL)
        for one in family:
            one.kill()
        self._process.wait()
        psutil.wait_procs(family, timeout=30)

    def signals(self) -> dict[str, Any]:
        """Return the stored signals by id."""
        answer = requests.get(f"{self.running.addresses.api}/signals", timeout=60)
        return {one["id"]: one for one in answer.json()["signals"]}

    def sent(self) -> list[str]:
        """Return the texts that the bot has sent."""
        token = self.running.access.telegram_token
        assert token is not None
        with operator_session(token) as session:
            at = f"{self.running.addresses.telegram}/_local/messages"
            return [one["text"] for one in session.get(at, timeout=20).json()["messages"]]

    def _found(self) -> Running | None:
        assert self._process.poll() is None
        found = find(self._state)
        return found if found is not None and found.pid == self._process.pid else None


def _environment() -> dict[str, str]:
    own = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TELEGRAM_"))}
    return own | {"PYTHONUNBUFFERED": "1"}


def until(read: Callable[[], T | None]) -> T:
    """Wait for something that stays."""
    give_up = time.monotonic() + READY_S
    while True:
        found = read()
        if found:
            return found
        assert time.monotonic() < give_up
        time.sleep(0.2)


def test_after_kill_9_of_all_processes_every_signal_is_there_and_none_is_sent_again(
    tmp_path: Path,
) -> None:
    with Up(tmp_path) as first:
        before = until(first.signals)
        until(lambda: [text for text in first.sent() if next(iter(before)) in text])
        first.kill()
    with Up(tmp_path) as second:
        after = until(second.signals)
        assert before.keys() <= after.keys(), json.dumps([*before, *after])
        assert second.running.data == str(tmp_path / "data" / "simulated")
        again = {one for text in second.sent() for one in before if one in text}
        assert next(iter(before)) not in again
