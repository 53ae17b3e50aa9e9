"""A replay always writes its report, and its exit code says whether it is complete."""

import io
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from infra.cli.local import replay
from infra.cli.local.replay import run_replay
from infra.errors import CommandError
from infra.local.replay.collector import Remaining
from infra.local.replay.progress import QUIET_S, OnItsWay, StallDetector
from infra.local.replay.report import ReplaySnapshot
from infra.local.stack.options import RunOptions

OPTIONS = RunOptions(source="sim", speed="60")
DONE = Remaining(10, "ended", 10, "done")
STUCK = Remaining(10, "ended", 10, "1 Telegram messages to send")


class Played:
    """A running system and its collector, as far as a replay uses them."""

    def __init__(self, reading: Callable[[], Remaining]) -> None:
        self.start, self.end, self.options = 0, 10, OPTIONS
        self.unread: list[str] = []
        self.on_the_way: list[OnItsWay] = []
        self.partial: bool | None = None
        self.now = 0.0
        self._reading = reading

    @property
    def system(self) -> "Played":
        return self

    def check(self) -> None:
        return None

    def remaining(self) -> Remaining:
        self.now += 5.0
        return self._reading()

    def on_its_way(self) -> list[OnItsWay]:
        return self.on_the_way

    def seen(self, wall_s: float, *, partial: bool = False) -> ReplaySnapshot:
        self.partial = partial
        if partial:
            self.unread.append("AWS: EndpointConnectionError")
        return ReplaySnapshot({}, {}, {}, {}, 0, (), (), (), {}, (), 0, 0, wall_s)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, Any]]:
    """Run a replay of a played system; returns its exit code and its report."""
    monkeypatch.setattr(replay, "POLL_S", 0.0)

    def run(system: Played) -> tuple[int, Any]:
        @contextmanager
        def started(_options: RunOptions, _out: Console) -> Iterator[Played]:
            yield system

        monkeypatch.setattr(replay, "started", started)
        monkeypatch.setattr(replay, "StallDetector", lambda: StallDetector(lambda: system.now))
        file = tmp_path / "report.json"
        code = run_replay(OPTIONS, file, Console(file=io.StringIO()))
        return code, json.loads(file.read_text())

    return run


def raising(error: BaseException) -> Callable[[], Remaining]:
    def read() -> Remaining:
        raise error

    return read


def test_a_complete_replay_ends_with_0(run: Callable[..., tuple[int, Any]]) -> None:
    system = Played(lambda: DONE)
    code, report = run(system)
    assert code == 0
    assert (report["complete"], report["incomplete_because"], report["unread"]) == (True, None, [])
    assert system.partial is False


def test_a_stalled_replay_is_reported_with_what_remains(
    run: Callable[..., tuple[int, Any]],
) -> None:
    code, report = run(Played(lambda: STUCK))
    assert code == 3
    assert report["complete"] is False
    assert "remaining: 1 Telegram messages to send" in report["incomplete_because"]
    assert report["unread"] == ["AWS: EndpointConnectionError"]
    assert report["lost"] == 0  # the rest of the report is there


def test_a_held_message_is_waited_for_beyond_the_quiet_time(
    run: Callable[..., tuple[int, Any]],
) -> None:
    """As long as the queue holds it, 360 s; then it is delivered."""
    reads = iter(range(10_000))

    def reading() -> Remaining:
        return STUCK if next(reads) * 5 < QUIET_S + 300 else DONE

    system = Played(reading)
    system.on_the_way = [OnItsWay("1 message is held", 360.0)]
    assert run(system)[0] == 0


def test_an_ended_part_is_reported(run: Callable[..., tuple[int, Any]]) -> None:
    code, report = run(Played(raising(CommandError("exchange ended with code -9"))))
    assert code == 3
    assert report["incomplete_because"] == "exchange ended with code -9"


def test_ctrl_c_ends_with_130_and_a_report(run: Callable[..., tuple[int, Any]]) -> None:
    def interrupted() -> Remaining:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)  # a second one changes nothing
        return DONE

    code, report = run(Played(interrupted))
    assert code == 130
    assert report["incomplete_because"] == "stopped by Ctrl-C"
    assert report["lost"] == 0  # what could be read is there


def test_a_start_that_fails_leaves_a_report_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def started(_options: RunOptions, _out: Console) -> Iterator[Played]:
        raise CommandError("the market is not there")
        yield  # a generator

    monkeypatch.setattr(replay, "started", started)
    with pytest.raises(CommandError, match="the market is not there"):
        run_replay(OPTIONS, tmp_path / "report.json", Console(file=io.StringIO()))
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["complete"], report["incomplete_because"]) == (False, "the market is not there")
