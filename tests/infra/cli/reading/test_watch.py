"""`signals --watch` as it is run: lines, documents, a live table; all outlive a lost connection."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, Any

import pytest
from signalengine.signals import Fill, public

from tests.infra.cli.conftest import Cli
from tests.infra.cli.documents import OPEN, SYMBOLS, WON, ended, page, sample
from tests.infra.cli.stand_in import Stack

pytestmark = pytest.mark.enable_socket
NEW = sample(minute=9, symbol="XRPUSDT")
ENDED_S = 60
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@contextmanager
def watching(
    stack: Stack, *more: str, out: Any = subprocess.PIPE
) -> Iterator[subprocess.Popen[str]]:
    """Run the command until the block ends; then Ctrl-C, which is no failure."""
    addresses = ["--url", stack.url, "--websocket", stack.websocket]
    command = [sys.executable, "-m", "infra.cli.main", "signals", "--watch", *addresses, *more]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("COV", "SIGNALENGINE_"))}
    process = subprocess.Popen(  # noqa: S603 - our own command, no shell
        command, stdout=out, stderr=subprocess.PIPE, text=True, env=env | {"COLUMNS": "100"}
    )
    with process:
        try:
            stack.wait(lambda: stack.connected > 0)
            yield process
            process.send_signal(signal.SIGINT)
            assert process.wait(ENDED_S) == 0
        finally:
            process.kill()


def read_line(stream: IO[str] | None) -> str:
    """Wait for a line; the test's own time limit is the limit."""
    assert stream is not None
    line = stream.readline()
    assert line, "it ended"
    return line


def test_one_document_a_line_with_a_resume_after_a_drop(stack: Stack) -> None:
    with watching(stack, "--json") as process:
        lines = [json.loads(read_line(process.stdout))]
        assert lines[0]["type"] == "connected"
        first = stack.publish(public(NEW), cursor=70_000)
        assert json.loads(read_line(process.stdout)) == first
        stack.drop()
        assert json.loads(read_line(process.stdout))["type"] == "disconnected"
        second = stack.publish(public(ended(NEW)), cursor=71_000)  # no client is connected
        assert json.loads(read_line(process.stdout))["type"] == "connected"
        assert json.loads(read_line(process.stdout)) == second  # and not the first again
    assert stack.resumes == [None, 70_000]


def test_since_goes_on_where_a_script_stopped(stack: Stack) -> None:
    missed = stack.publish(public(NEW), cursor=70_000)
    with watching(stack, "--json", "--since", "69000") as process:
        read_line(process.stdout)
        assert json.loads(read_line(process.stdout)) == missed
    assert stack.resumes == [69_000]


def test_piped_output_is_one_line_per_change(stack: Stack) -> None:
    stack.documents["/symbols"] = SYMBOLS | {"symbols": ["XRPUSDT"]}
    with watching(stack, "--symbol", "xrp") as process:
        stack.publish(public(sample(minute=8)), cursor=1)  # another symbol
        stack.publish(public(NEW), cursor=2)
        line = read_line(process.stdout)
        assert "long XRPUSDT" in line
        assert "entry 100.00  TP 102.00  SL 99.00" in line
        assert line.endswith(f"  {NEW.signal_id}\n")  # one line, though the terminal is narrow
        step = Fill("target1", NEW.close_time + 60_000, 101.0, 0.5)
        stack.publish(public(replace(NEW, progress=(step,), strategy="donchian")), cursor=2)
        assert "50% closed at 101.00 (target1)  donchian" in read_line(process.stdout)
        stack.publish(public(ended(NEW)), cursor=3)
        assert "net +1.88%" in read_line(process.stdout)


def test_a_live_table_has_the_current_gain_of_open_signals(stack: Stack) -> None:
    """A terminal sees the list, a new signal, its gain at the last price, and its end."""
    master, terminal = pty.openpty()
    screen = Screen(master)
    stack.documents["/signals"] = page("signals", [public(WON), public(OPEN)])
    with watching(stack, out=terminal):
        screen.wait_for("SOLUSDT", "tp hit", "● live")
        stack.publish(public(NEW), cursor=5)
        screen.wait_for("XRPUSDT")
        stack.send({"type": "status", "data": {"prices": {"XRPUSDT": 101.0}, "time": 1}})
        screen.wait_for("~+1.00%")
        half = Fill("target1", NEW.close_time + 60_000, 102.0, 0.5)
        stack.publish(public(replace(NEW, progress=(half,))), cursor=5)
        stack.send({"type": "status", "data": {"prices": {"XRPUSDT": 100.5}, "time": 2}})
        screen.wait_for("~+1.25%")
        stack.drop()
        screen.wait_for("reconnecting")
        stack.publish(public(ended(NEW)), cursor=6)
        screen.wait_for("+1.88%", "● live")
    os.close(terminal)
    os.close(master)


class Screen:
    """What a terminal was sent so far, from the last look on."""

    def __init__(self, master: int) -> None:
        self._master = master

    def wait_for(self, *words: str, seconds: float = 60.0) -> None:
        seen, until = "", time.monotonic() + seconds
        while not all(word in seen for word in words):
            left = until - time.monotonic()
            ready = select.select([self._master], [], [], max(0.0, left))[0]
            assert ready, f"not seen: {words} in {seen[-2000:]}"
            seen += ESCAPES.sub("", os.read(self._master, 65_536).decode(errors="replace"))


def test_a_missing_server_is_reported_at_once(cli: Cli, stack: Stack) -> None:
    result = cli("signals", "--watch", "--url", stack.url, "--websocket", "ws://127.0.0.1:1/live")
    assert (result.code, result.out) == (1, "")
    assert "does not answer" in result.err


def test_an_address_alone_does_not_determine_the_websocket(cli: Cli, stack: Stack) -> None:
    result = cli("signals", "--watch", "--url", stack.url)
    assert result.code == 1
    assert "--websocket" in result.err


def test_a_stack_with_a_token_is_watched_with_the_token(cli: Cli, stack: Stack) -> None:
    stack.token = "made up"
    at = ("signals", "--watch", "--url", stack.url, "--websocket", stack.websocket)
    result = cli(*at)
    assert (result.code, result.out) == (1, "")
    assert "this stack requires a token" in result.err
    result = cli(*at, "--token", "wrong")
    assert result.code == 1
    assert "the token is not accepted" in result.err
    assert stack.resumes == []
    with watching(stack, "--json", "--token", "made up") as process:
        assert json.loads(read_line(process.stdout))["type"] == "connected"
        found = stack.publish(public(NEW), cursor=2)
        assert json.loads(read_line(process.stdout)) == found
