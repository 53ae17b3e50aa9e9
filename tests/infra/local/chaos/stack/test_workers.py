"""Who runs which function, and killing exactly the process that calls."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

import psutil
import pytest

from infra.local.chaos.stack.workers import FUNCTIONS, INGEST, Workers, function_of

CONNECTED = """
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print("there", flush=True)
sys.stdin.read()
"""


def worker(folder: Path, function: str) -> Path:
    """Write a script where MiniStack has that of a function's worker."""
    place = folder / f"ministack-lambda-SignalEngine-X{function}functionAB12-C3-xyz"
    place.mkdir(parents=True)
    script = place / "_worker.py"
    script.write_text(CONNECTED)
    return script


@contextmanager
def connected(*command: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "there\n"
            yield child
        finally:
            child.kill()


@contextmanager
def accepted(server: socket.socket, count: int) -> Iterator[list[int]]:
    """Accept connections, in the order in which they came; yields their ports."""
    with ExitStack() as stack:
        connections = [stack.enter_context(server.accept()[0]) for _ in range(count)]
        yield [connection.getpeername()[1] for connection in connections]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_worker_is_known_by_its_folder(name: str) -> None:
    folder = f"aws-x/ministack-lambda-SignalEngine-Part{name.replace('_', '')}functionD3-39-i9"
    assert function_of(["/usr/bin/python", f"{folder}/_worker.py"]) == name


def test_another_process_runs_no_function() -> None:
    assert function_of(["/usr/bin/python", "-m", "broadcast"]) == ""
    assert function_of([]) == ""


@pytest.mark.enable_socket
def test_the_process_that_calls_is_killed_and_no_other(tmp_path: Path) -> None:
    one, two = (worker(tmp_path, name) for name in ("broadcast", "scoreevents"))
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        connected(str(one), port_of(server)) as first,
        connected(str(two), port_of(server)) as second,
        accepted(server, 2) as ports,
    ):
        workers = Workers(psutil.Process().pid)
        assert [workers.caller(port) for port in ports] == ["broadcast", "score_events"]
        assert workers.kill_at(ports[1]) == "score_events"
        assert second.wait(10) < 0
        assert first.poll() is None
        assert workers.kill_at(1) == ""
        assert not workers.kill_one("score_events", Random(1))
        assert workers.kill_one("broadcast", Random(1))
        assert first.wait(10) < 0


@pytest.mark.enable_socket
def test_the_ingest_task_is_known_by_its_process(tmp_path: Path) -> None:
    script = tmp_path / "task.py"
    script.write_text(CONNECTED)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        connected(str(script), port_of(server)) as task,
        accepted(server, 1) as (port,),
    ):
        workers = Workers(psutil.Process().pid)
        assert workers.caller(port) == ""
        workers.ingest = task.pid
        assert workers.caller(port) == INGEST


@pytest.mark.enable_socket
def test_a_restart_kills_all_workers_and_nothing_else(tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text(CONNECTED)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        connected(str(worker(tmp_path, "broadcast")), port_of(server)) as first,
        connected(str(worker(tmp_path, "sendtelegram")), port_of(server)) as second,
        connected(str(other), port_of(server)) as third,
    ):
        assert Workers(psutil.Process().pid).kill_all() == 2
        assert first.wait(10) < 0
        assert second.wait(10) < 0
        assert third.poll() is None


def port_of(server: socket.socket) -> str:
    return str(server.getsockname()[1])
