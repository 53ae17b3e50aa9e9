"""docs/cli.md is complete: every command, every variable, the fields of every JSON document."""

import json
import re

import pytest
import typer

from infra.cli.main import app
from tests.infra.cli.conftest import Cli
from tests.infra.cli.documents import WON
from tests.infra.cli.stand_in import Stack
from tests.paths import ROOT

PAGE = (ROOT / "docs" / "cli.md").read_text()
LISTED = re.compile(r"^\| `(?P<command>[^`]+)` \| (?P<fields>.*) \|$", re.MULTILINE)
ARGUMENTS = {
    "explain": [WON.signal_id], "export": ["events", "-o", "/dev/null"], "open": ["--print"],
}  # fmt: skip


def test_every_command_is_in_the_table() -> None:
    command = typer.main.get_command(app)
    names = set(getattr(command, "commands", {}))
    assert {"status", "explain", "deploy"} <= names
    assert not [name for name in names if f"`signalengine {name}" not in PAGE]


def test_every_variable_is_documented_and_no_other() -> None:
    read = {
        name
        for path in (ROOT / "infra" / "cli").rglob("*.py")
        for name in re.findall(r"SIGNALENGINE_[A-Z]+", path.read_text())
    }
    assert read == set(re.findall(r"SIGNALENGINE_[A-Z]+", PAGE))


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    "command",
    ["status", "top", "symbols", "events", "events --stats", "decisions", "equity", "metrics",
     "cost", "cost --plan 50", "cost --public", "gaps", "explain", "export"],
)  # fmt: skip
def test_the_fields_of_a_json_document_are_documented(command: str, cli: Cli, stack: Stack) -> None:
    (found,) = [row["fields"] for row in LISTED.finditer(PAGE) if row["command"] == command]
    fields = re.findall(r"`(\w+)`", re.sub(r"\{[^}]*\}|\([^)]*\)|with .*", "", found))
    words = [*command.split(), *ARGUMENTS.get(command, [])]
    found = json.loads(cli(*words, "--json", "--url", stack.url).out)
    assert set(found) == set(fields)


@pytest.mark.parametrize(
    "name",
    ["status", "signals", "explain", "top", "events", "decisions", "performance", "equity",
     "metrics", "cost", "gaps", "export", "sql", "open", "doctor", "deploy", "destroy"],
)  # fmt: skip
def test_help_has_examples(name: str, cli: Cli) -> None:
    result = cli(name, "--help", width=100)
    assert result.code == 0
    assert re.search(rf"Examples:\s+signalengine {name}", result.out)
