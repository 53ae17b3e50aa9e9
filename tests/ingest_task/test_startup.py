"""What holds up the start is reported at once, with the next try, and no longer than it lasts."""

import json
import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from signalengine.exchanges.binance.exchange import BINANCE

from ingest_task.backfill.rest import RestClient
from ingest_task.startup import Startup
from tests.connect_proxy import dead_port
from tests.ingest_task.small_exchange import small_exchange
from tests.paths import ROOT

URL = "https://fapi.exchange.example"


class Lines:
    """A startup and the lines that it wrote."""

    def __init__(self, slow_s: float = 60.0) -> None:
        self.written: queue.Queue[dict[str, Any]] = queue.Queue()
        self.startup = Startup(lambda line: self.written.put(json.loads(line)), slow_s)

    def all(self) -> list[dict[str, Any]]:
        return [self.written.get_nowait() for _ in range(self.written.qsize())]


def test_a_cause_is_written_once_and_its_end_too() -> None:
    lines = Lines()
    for _ in range(3):
        lines.startup.failed(URL, ConnectionRefusedError(), 0.2)
    (line,) = lines.all()
    assert line["cause"] == "fapi.exchange.example refuses connections"
    assert line["retry_in_s"] == 0.2
    lines.startup.answered()
    lines.startup.answered()
    assert lines.all() == [{}]


def test_the_wait_of_the_next_round_is_written() -> None:
    lines = Lines()
    lines.startup.retries(8.0)
    assert lines.all() == []
    lines.startup.failed(URL, ConnectionRefusedError(), 0.2)
    lines.startup.retries(8.0)
    assert [line["retry_in_s"] for line in lines.all()] == [0.2, 8.0]


def test_a_slow_answer_is_written_before_it_fails() -> None:
    lines = Lines(slow_s=0.05)
    lines.startup.requested(URL)
    lines.startup.start()
    assert "does not answer in time" in lines.written.get(timeout=10)["cause"]
    lines.startup.end()


def test_after_the_start_nothing_is_written() -> None:
    lines = Lines()
    lines.startup.end()
    lines.startup.failed(URL, ConnectionRefusedError(), 1.0)
    lines.startup.skewed(90_000)
    assert lines.all() == []


@pytest.mark.parametrize(("skew_ms", "word"), [(93_000, "ahead of"), (-93_000, "behind")])
def test_a_wrong_clock_is_written_once(skew_ms: int, word: str) -> None:
    lines = Lines()
    lines.startup.skewed(400)
    lines.startup.skewed(skew_ms)
    lines.startup.skewed(skew_ms)
    (line,) = lines.all()
    assert line["cause"] == f"this machine's clock is 93 s {word} the exchange's"


def test_the_clock_of_a_replay_is_not_compared() -> None:
    written: list[str] = []
    Startup(written.append, clocks=False).skewed(93_000)
    assert written == []


def test_a_ban_is_written_with_its_end() -> None:
    lines, stop = Lines(), threading.Event()
    with small_exchange() as exchange:
        exchange.answers["/fapi/v1/time"] = [(418, {"Retry-After": "77"}, "banned")]
        rest = RestClient(BINANCE.rest, exchange.rest_base, stop, tries=1, startup=lines.startup)
        with pytest.raises(Exception, match="418"):
            rest.server_time()
    (line,) = lines.all()
    assert 70.0 < line["retry_in_s"] <= 77.0


# --- the process ---------------------------------------------------------------------------------


@contextmanager
def process(
    base: str, folder: Path, more: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    environ = {
        "PATH": os.environ["PATH"], "AWS_REGION": "x", "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x", "FEED_STREAM": "x", "SYMBOLS": "BTCUSDT",
        "MARKET": "live", "SPOOL_DIR": str(folder), "BINANCE_REST_BASE": base,
        "BINANCE_WS_BASE": base.replace("http", "ws", 1),
        **(more or {}),
    }  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-m", "ingest_task"], env=environ, cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as running:  # fmt: skip
        try:
            yield running
        finally:
            running.kill()


def first_status(running: subprocess.Popen[str]) -> dict[str, Any]:
    assert running.stdout is not None
    line = running.stdout.readline()
    assert line.startswith("STATUS "), line
    return dict(json.loads(line.removeprefix("STATUS ")))


@pytest.mark.parametrize("kind", ["refused", "unknown name", "silent"])
def test_the_process_says_at_once_what_it_waits_for(tmp_path: Path, kind: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        base, words = {
            "refused": (f"http://127.0.0.1:{dead_port()}", "refuses connections"),
            "unknown name": ("https://fapi.exchange.invalid", "cannot be resolved"),
            "silent": (f"http://127.0.0.1:{silent.getsockname()[1]}", "does not answer in time"),
        }[kind]
        with process(base, tmp_path) as running:
            status = first_status(running)
    assert words in status["cause"]
    assert status["fix"]
    assert (status["retry_in_s"] == 0.0) is (kind == "silent")  # before its request has failed


def test_a_refused_location_ends_the_process_with_the_reason(tmp_path: Path) -> None:
    with small_exchange() as exchange:
        exchange.answers["/fapi/v1/exchangeInfo"] = [(451, {}, "restricted location")]
        with process(exchange.rest_base, tmp_path) as running:
            assert "HTTP 451" in first_status(running)["failed"]
            assert running.wait(20) == 78


def test_a_proxy_of_an_unsupported_kind_ends_the_process_with_the_reason(tmp_path: Path) -> None:
    proxy = {"ALL_PROXY": "socks5://127.0.0.1:1080"}
    with process("https://fapi.exchange.invalid", tmp_path, proxy) as running:
        assert "socks5:// is not supported" in first_status(running)["failed"]
        assert running.wait(20) == 78
