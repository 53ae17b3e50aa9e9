"""The installation of the embedded AWS: interrupted at every step, it is repaired by the next."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.stack import ministack
from infra.local.stack.ministack import EmulatorError, MiniStack
from infra.local.storage.folder import Data
from infra.local.storage.opening import FILE


class Interrupt(BaseException):
    """What a signal raises."""


class Tools:
    """uv or pip: each call writes in two steps, and may be interrupted between."""

    def __init__(self) -> None:
        self.calls = 0
        self.interrupt_at: int | None = None

    def run(self, command: list[str], _lock: object) -> None:
        self.calls += 1
        home = ministack.HOME
        name = "pip" if "venv" in command else "ministack"
        if "venv" in command:
            shutil.rmtree(home, ignore_errors=True)
            (home / "bin").mkdir(parents=True)
            (home / "bin" / "python").touch()
        folder = home / "lib" / "python3.11" / "site-packages" / f"{name}-1.dist-info"
        folder.mkdir(parents=True, exist_ok=True)
        if self.calls == self.interrupt_at:
            raise Interrupt
        (folder / "RECORD").touch()


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    monkeypatch.setattr(ministack, "HOME", tmp_path / ".ministack")
    monkeypatch.setattr(ministack.proxies, "problem", lambda _environ: None)
    found = Tools()
    monkeypatch.setattr(ministack, "_run", found.run)
    return found


def install() -> None:
    ministack.install(lambda _text: None)


@pytest.mark.parametrize("step", [1, 2])
def test_an_interrupted_installation_is_repaired_by_the_next(tools: Tools, step: int) -> None:
    tools.interrupt_at = step
    with pytest.raises(Interrupt):
        install()
    tools.calls, tools.interrupt_at = 0, None
    install()
    assert tools.calls == 2
    install()
    assert tools.calls == 2


def test_a_missing_package_is_not_overlooked(tools: Tools) -> None:
    install()
    (record,) = ministack.HOME.glob("lib/*/site-packages/ministack-1.dist-info/RECORD")
    record.unlink()
    install()
    assert tools.calls == 4
    assert record.exists()


def test_an_emulator_whose_port_is_taken_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child.py"
    child.write_text("import sys; sys.exit('OSError: [Errno 98] Address already in use')")
    monkeypatch.setattr(ministack, "install", lambda _report: Path(sys.executable))
    monkeypatch.setattr(ministack, "_CHILD", child)
    emulator = MiniStack(log=tmp_path / "aws.log")
    with pytest.raises(EmulatorError, match="has ended") as caught:
        emulator.start(lambda _text: None)
    assert "another program" in caught.value.fix.lower()


def test_an_emulator_that_is_slow_shows_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child, lines = tmp_path / "child.py", list[str]()
    child.write_text("print('loading services', flush=True); import time; time.sleep(60)")

    def install(report: Callable[[str], None]) -> Path:
        report("Installing")
        return Path(sys.executable)

    monkeypatch.setattr(ministack, "install", install)
    monkeypatch.setattr(ministack, "_CHILD", child)
    monkeypatch.setattr(ministack, "SLOW_S", 0.3)
    monkeypatch.setattr(ministack, "START_TIMEOUT_S", 0.6)
    with pytest.raises(EmulatorError, match="does not answer"):
        MiniStack(log=tmp_path / "aws.log").start(lines.append)
    assert lines == [
        "Installing",
        "Starting the embedded AWS",
        "Still waiting for the embedded AWS; the end of its log: loading services",
    ]


def test_the_start_may_take_as_long_as_its_data_is_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child, folder = tmp_path / "child.py", tmp_path / "live"
    child.write_text(
        "import http.server as h, os\n"
        "class Answer(h.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(200)\n"
        "        self.end_headers()\n"
        "h.HTTPServer(('127.0.0.1', int(os.environ['GATEWAY_PORT'])), Answer).serve_forever()\n"
    )
    folder.mkdir()
    monkeypatch.setattr(ministack, "install", lambda _report: Path(sys.executable))
    monkeypatch.setattr(ministack, "_CHILD", child)
    monkeypatch.setattr(ministack, "START_TIMEOUT_S", 0.0)
    emulator = MiniStack(log=tmp_path / "aws.log", data=Data(folder, "live"))
    with pytest.raises(EmulatorError, match="does not answer"):
        emulator.start(lambda _text: None)
    for name, size in ((FILE, 600_000_000), (f"{FILE}-wal", 400_000_000)):
        with (folder / name).open("wb") as file:
            file.truncate(size)
    assert emulator._timeout_s() == 200.0
    try:
        emulator.start(lambda _text: None)
    finally:
        emulator.stop()
