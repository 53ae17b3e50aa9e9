"""Shell completion from the selected stack."""

from pathlib import Path

import pytest

from tests.infra.cli.conftest import Cli
from tests.infra.cli.stand_in import Stack


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("words", "index", "expected"),
    [
        (("signals", "--symbol", "E"), 2, "ETHUSDT"),
        (("explain", ""), 1, "latest"),
        (("explain", "1"), 1, "1aaaaaaaaaaaaaaaaaaaaaaa"),
        (("open", "per"), 1, "performance"),
    ],
)
def test_the_shell_completes_from_the_stack(
    words: tuple[str, ...], index: int, expected: str, cli: Cli, stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("SIGNALENGINE_URL", stack.url)
    monkeypatch.setenv("_SIGNALENGINE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", " ".join(("signalengine", *words)))
    monkeypatch.setenv("COMP_CWORD", str(index + 1))
    assert expected in cli().out.split()


def test_completion_without_a_stack_is_empty_and_silent(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("_SIGNALENGINE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", f"signalengine signals --state-dir {tmp_path} --symbol B")
    monkeypatch.setenv("COMP_CWORD", "5")
    result = cli()
    assert (result.out.strip(), result.err) == ("", "")
