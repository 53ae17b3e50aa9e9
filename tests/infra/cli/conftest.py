"""The command as a person runs it, against a stack of the test's own."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.cli import main
from tests.infra.cli.stand_in import Stack

ENVIRONMENT = ("URL", "STACK", "STAGE", "TOKEN", "REGION", "WEBSOCKET")


@dataclass(frozen=True, slots=True)
class Output:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


Cli = Callable[..., Output]


@pytest.fixture(autouse=True)
def without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work where nobody's .env lies: its settings would be those of the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def stack() -> Iterator[Stack]:
    with Stack() as running:
        yield running


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run `signalengine` in this process; `width` is the terminal's, None for a pipe."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(f"SIGNALENGINE_{name}", raising=False)

    def run(*arguments: str, width: int | None = None) -> Output:
        monkeypatch.setattr(sys, "argv", ["signalengine", *arguments])
        if width is None:
            monkeypatch.delenv("COLUMNS", raising=False)
        else:
            monkeypatch.setenv("COLUMNS", str(width))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main.run()
        found = capsys.readouterr()
        return Output(int(ended.value.code or 0), found.out, found.err)

    return run


def run_ok(cli: Cli, stack: Stack, *arguments: str, width: int | None = None) -> Output:
    """Run a command against the stack; it has to succeed."""
    result = cli(*arguments, "--url", stack.url, width=width)
    assert result.code == 0, result.err
    return result
