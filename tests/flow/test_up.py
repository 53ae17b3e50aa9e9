"""`signalengine up` as a process: it prints its addresses, and Ctrl-C ends every part."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from infra.build.dashboard import build_site
from infra.local.stack.assembly import synthesise
from infra.local.stack.ministack import install
from infra.local.stack.running import find
from tests.connect_proxy import ConnectProxy, connect_proxy, dead_port

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]
READY_S = 180.0
STOPPED_S = 90.0


@pytest.fixture
def proxy() -> Iterator[ConnectProxy]:
    """A proxy that leads nowhere; what a first start installs is installed before."""
    build_site(lambda _text: None)
    install(lambda _text: None)
    synthesise(report=lambda _text: None)
    with connect_proxy(dead_port()) as running:
        yield running


def test_up_prints_its_addresses_and_ctrl_c_leaves_no_process_and_no_port(
    tmp_path: Path, proxy: ConnectProxy
) -> None:
    """Also with a proxy in the environment, which nothing of it uses."""
    command = [sys.executable, "-m", "infra.cli.main", "up", "--speed", "60", "--port", "0"]
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith("AWS_") and k.lower() != "no_proxy"
    } | dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"), proxy.url)
    with (tmp_path / "output.txt").open("w") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command, no shell
            [*command, "--symbols", "BTCUSDT,ETHUSDT", "--state-dir", str(tmp_path / "state")],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        try:
            text = _wait_for(tmp_path / "output.txt", "Ctrl-C stops it", process)
            ports = {int(port) for port in re.findall(r"(?:localhost|127\.0\.0\.1):(\d+)", text)}
            family = psutil.Process(process.pid).children(recursive=True)
            assert len(ports) == 2  # the front server, the exchange
            running = find(tmp_path / "state")
            assert running is not None
            assert running.pid == process.pid
            assert {urlsplit(running.addresses.api).port} <= ports
            behind = (running.addresses.aws, str(running.addresses.telegram))
            ports |= {int(urlsplit(address).port or 0) for address in behind}
            assert all(_listens(port) for port in ports)
            assert len(family) >= 4  # AWS, Telegram, the exchange and the ingest task
            _check_taken_port(urlsplit(running.addresses.api).port, process.pid, tmp_path)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=STOPPED_S) == 0
        finally:
            process.kill()
            process.wait()
    assert proxy.requested == proxy.refused == []
    assert not (tmp_path / "state" / "running.json").exists()
    assert not [port for port in ports if _listens(port)]
    assert not [one for one in family if _runs(one)]
    assert (tmp_path / "output.txt").read_text().rstrip().endswith("all stopped")


def _check_taken_port(port: int | None, holder: int, tmp_path: Path) -> None:
    """A second system says who has the port, and how to use another, before it starts anything."""
    command = [sys.executable, "-m", "infra.cli.main", "up", "--port", str(port)]
    second = subprocess.run(  # noqa: S603 - our own command, no shell
        [*command, "--state-dir", str(tmp_path / "second")],
        capture_output=True, check=False, encoding="utf-8", timeout=READY_S,
    )  # fmt: skip
    assert second.returncode == 1
    assert f"port {port} is taken by another SignalEngine (process {holder})" in second.stderr
    assert re.search(r"Use another: signalengine up --port \d+", second.stderr)
    assert not list((tmp_path / "second" / "logs").iterdir())


def _wait_for(file: Path, words: str, process: subprocess.Popen[bytes]) -> str:
    give_up = time.monotonic() + READY_S
    while time.monotonic() < give_up and process.poll() is None:
        text = file.read_text()
        if words in text:
            return text
        time.sleep(0.2)
    raise AssertionError(f"not ready in {READY_S:.0f} s:\n{file.read_text()}")


def _runs(process: psutil.Process) -> bool:
    """False for one that ended, whether or not the init process has cleared it away."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
