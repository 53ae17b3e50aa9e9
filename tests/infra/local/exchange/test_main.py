"""The process: its one line, its end, its complaints."""

import json
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.local.exchange.options import moment, read
from infra.local.operator_requests import operator_session
from tests.infra.local.exchange.samples import MIDNIGHT, kline_rows, write_klines
from tests.paths import ROOT


def started(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "infra.local.exchange", "--port", "0", *arguments]
    return subprocess.Popen(  # noqa: S603 - our own module with the test's own arguments
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_ready_listens_and_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    write_klines(tmp_path, "AAAUSDT", kline_rows(MIDNIGHT, 5))
    with started("--source", str(tmp_path), "--speed", "max") as process:
        assert process.stdout is not None
        word, _, body = process.stdout.readline().partition(" ")
        ready = json.loads(body)
        assert word == "READY"
        assert set(ready) == {"port", "start", "end", "symbols", "market", "control_token"}
        assert (ready["start"], ready["end"]) == (MIDNIGHT, MIDNIGHT + 300_000)
        assert (ready["symbols"], ready["market"]) == (["AAAUSDT"], "recording")
        url = f"http://127.0.0.1:{ready['port']}/_local/status"
        with operator_session(ready["control_token"]) as session:
            assert session.get(url, timeout=5).json()["speed"] == "max"
        process.send_signal(number)
        _, complaints = process.communicate(timeout=60)
        assert process.returncode == 0
        assert "Traceback" not in complaints


def test_an_unplayable_market_is_reported_with_its_fix(tmp_path: Path) -> None:
    with started("--source", str(tmp_path / "nowhere")) as process:
        out, complaint = process.communicate(timeout=60)
        assert process.returncode == 2
        assert out == ""
        assert "does not exist. Name a file or folder" in complaint
        assert "Traceback" not in complaint


def test_control_characters_of_a_name_are_escaped_on_stderr(tmp_path: Path) -> None:
    name = "BTC\x1b[2J\x9b\u202e\nforged"
    with started("--source", str(tmp_path / name)) as process:
        _, complaint = process.communicate(timeout=60)
    assert process.returncode == 2
    assert r"BTC\u001b[2J\u009b\u202e\u000aforged" in complaint
    assert complaint.rstrip("\n").isprintable()


def test_control_characters_of_the_command_line_are_escaped_on_stderr() -> None:
    with started("--\x1b[2J") as process:
        _, complaint = process.communicate(timeout=60)
    assert process.returncode == 2
    assert r"unrecognized arguments: --\u001b[2J" in complaint
    assert "\x1b" not in complaint


def test_control_characters_inside_a_recording_are_escaped_on_stderr(tmp_path: Path) -> None:
    name = "AAAUSDT-1m-2025-05.zip"
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("x\x1b]0;owned\x07.csv", "1")
    with started("--source", str(tmp_path)) as process:
        _, complaint = process.communicate(timeout=60)
    assert process.returncode == 2
    assert r"\u001b]0;owned\u0007" in complaint
    assert complaint.rstrip("\n").isprintable()


def test_the_help_names_options_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read(["--help"])
    text = capsys.readouterr().out
    for word in ("--source", "--from", "--speed", "examples:", "READY", "/market/stream?streams="):
        assert word in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "yesterday"], "yesterday is not a time: expected ms, or a UTC time"),
        (["--from", "2025-05-19T00:00:30"], "not a whole minute"),
        (["--speed", "fast"], "neither a number nor max"),
        (["--speed", "0"], "above 0"),
        (["--symbols", ","], "at least one symbol"),
    ],
)
def test_a_wrong_option_names_the_valid_ones(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit):
        read(arguments)
    assert message in capsys.readouterr().err


def test_options_are_read() -> None:
    options = read(["--symbols", "btcusdt, ETHUSDT,btcusdt", "--speed", "max", "--from",
                    "2025-05-19", "--to", "2025-05-19T02:00+02:00"])  # fmt: skip
    assert options.symbols == ("BTCUSDT", "ETHUSDT")
    assert options.speed is None
    assert (options.start, options.end) == (MIDNIGHT, MIDNIGHT)
    assert read([]).speed == 1.0
    assert moment("2025-05-19T00:00:00Z") == MIDNIGHT
