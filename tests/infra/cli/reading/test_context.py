"""The common part of the reading commands: options, output, exit code."""

import inspect
import json
from pathlib import Path

import pytest
import typer

from infra.cli.reading.context import ReadContext, print_json, print_line, reads


@reads
def shown(context: ReadContext, name: str = "x") -> int:
    """Print the context's options."""
    print_json({"name": name, "url": context.where.url, "json": context.as_json})
    return 3 if name == "bad" else 0


COMMON = {
    "stack": None, "url": "http://a", "token": None, "region": None, "state_dir": Path(),
    "as_json": True, "local": False,
}  # fmt: skip


def test_a_command_has_its_own_options_and_the_common_ones() -> None:
    names = list(inspect.signature(shown).parameters)
    assert names == ["name", *COMMON]
    assert shown.__doc__ == "Print the context's options."


def test_the_result_is_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    shown("x", **COMMON)
    assert json.loads(capsys.readouterr().out) == {"name": "x", "url": "http://a", "json": True}
    with pytest.raises(typer.Exit) as ended:
        shown("bad", **COMMON)
    assert ended.value.exit_code == 3


def test_documents_are_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"text": "\u202e\x1b"})
    print_line({"text": "é"})
    assert capsys.readouterr().out.isascii()
