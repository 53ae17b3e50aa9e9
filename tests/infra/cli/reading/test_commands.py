"""The reading commands against a fake stack: output and exit codes."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from signalengine_aws.api.openapi import document
from signalengine_aws.api.routes import ROUTES

from machine.terminal import ERRORS, Output
from tests.infra.cli.conftest import Cli, run_ok
from tests.infra.cli.documents import (
    EVIL,
    GAP,
    SIGNALS,
    WON,
    everything,
)
from tests.infra.cli.stand_in import Stack

pytestmark = pytest.mark.enable_socket
OPENAPI = document(ROUTES, version="test")
COMMANDS: list[tuple[list[str], str]] = [
    (["symbols"], "/symbols"),
    (["top", "3"], "/top"),
    (["signals"], "/signals"),
    (["signals", "--stats"], "/signals/stats"),
    (["explain", WON.signal_id], "/signals/{signal_id}"),
    (["events"], "/events"),
    (["events", "--stats"], "/events/stats"),
    (["decisions"], "/decisions"),
    (["performance"], "/performance"),
    (["what-if", "--tp", "3"], "/performance/what-if"),
    (["equity"], "/equity"),
    (["gaps"], "/gaps"),
    (["metrics"], "/system"),
    (["status"], "/health"),
]
"""Every reading command, and the endpoint whose form its JSON has (or holds)."""
WORDS = [" ".join(arguments[:2])[:20] for arguments, _ in COMMANDS]
HOLDING = {"/health": "health", "/system": "system"}


def schema(path: str) -> dict[str, Any]:
    """Return the schema of an endpoint's answer from the API's document."""
    answer = OPENAPI["paths"][path]["get"]["responses"]["200"]
    found = answer["content"]["application/json"]["schema"]
    return {**found, "components": OPENAPI["components"]}


def test_the_fake_stack_answers_in_the_apis_form() -> None:
    for path, found in everything().items():
        known = re.sub(r"/signals/[0-9a-f]{24}", "/signals/{signal_id}", path)
        jsonschema.validate(found, schema(known))


@pytest.mark.parametrize("arguments", [row[0] for row in COMMANDS], ids=WORDS)
def test_every_command_prints_to_a_terminal_of_ascii(
    arguments: list[str], cli: Cli, stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also to a narrow one; what is no terminal gets no control codes."""
    for width in (None, 1, 20):
        with (tmp_path / "out").open("wb") as file:
            monkeypatch.setattr(sys, "stdout", Output(file, "ascii", ERRORS))
            result = cli(*arguments, "--url", stack.url, width=width)
        assert (result.code, result.err) == (0, "")
        shown = (tmp_path / "out").read_text(encoding="ascii")
        assert shown.strip()
        assert "\x1b" not in shown


@pytest.mark.parametrize(("arguments", "path"), COMMANDS, ids=WORDS)
def test_json_is_one_document_of_the_apis_form(
    arguments: list[str], path: str, cli: Cli, stack: Stack
) -> None:
    found = json.loads(run_ok(cli, stack, *arguments, "--json").out)
    jsonschema.validate(found[HOLDING[path]] if path in HOLDING else found, schema(path))


@pytest.mark.parametrize(("arguments", "path"), COMMANDS, ids=WORDS)
@pytest.mark.parametrize("width", [40, 80, 140])
def test_no_line_is_wider_than_the_terminal(
    arguments: list[str], path: str, width: int, cli: Cli, stack: Stack
) -> None:
    lines = run_ok(cli, stack, *arguments, width=width).out.splitlines()
    assert lines
    assert max(map(len, lines)) <= width, path


@pytest.mark.parametrize(("arguments", "path"), COMMANDS, ids=WORDS)
def test_no_foreign_text_reaches_the_terminal_unescaped(
    arguments: list[str], path: str, cli: Cli, stack: Stack
) -> None:
    """Every text of every document is hostile: it is shown, and does nothing."""
    stack.documents = poisoned(stack.documents)
    for form in ([], ["--json"]):
        out = cli(*arguments, *form, "--url", stack.url).out
        assert out
        assert not {"\x1b", "\x07", "\u202e"} & set(out), path


def poisoned(found: Any, name: str = "") -> Any:
    """The same documents with an evil end on every text that no program reads."""
    read = ("status", "direction", "verdict", "outcome", "id", "symbol", "cursor", "key", "day")
    match found:
        case dict():
            return {key: poisoned(value, key) for key, value in found.items()}
        case list():
            return [poisoned(value, name) for value in found]
        case str() if name not in read:
            return found + EVIL
    return found


def test_a_symbol_may_be_typed_in_lower_case(cli: Cli, stack: Stack) -> None:
    run_ok(
        cli, stack, "signals", "--symbol", "btcusdt", "--status", "closed", "--from", "2025-05-19"
    )
    _, query = stack.requests[-1]
    assert query == {
        "limit": "20", "symbol": "BTCUSDT", "status": "closed", "from": "2025-05-19",
    }  # fmt: skip


def test_more_than_a_page_is_requested_page_by_page(cli: Cli, stack: Stack) -> None:
    rows = SIGNALS * 150
    stack.documents["/signals"]["signals"] = rows
    found = json.loads(run_ok(cli, stack, "signals", "-n", "430", "--json").out)
    assert found["signals"] == rows[:430]
    assert (found["count"], found["cursor"]) == (430, "430")
    assert [query["limit"] for _, query in stack.requests] == ["200", "200", "30"]


def test_an_empty_page_in_the_middle_is_not_the_end(cli: Cli, stack: Stack) -> None:
    """A filter may leave a page empty though more comes."""
    answers = [{"signals": [], "count": 0, "cursor": "x"}, {"signals": SIGNALS, "cursor": None}]
    stack._page = lambda path, request: answers.pop(0)  # type: ignore[method-assign]
    assert json.loads(run_ok(cli, stack, "signals", "--json").out)["count"] == len(SIGNALS)


@pytest.mark.parametrize(("outcome", "code"), [("repaired", 0), ("open", 1), ("lost", 1)])
def test_an_open_gap_is_a_problem_and_a_repaired_one_is_not(
    outcome: str, code: int, cli: Cli, stack: Stack
) -> None:
    end = None if outcome == "open" else GAP["end"]
    row = GAP | {"outcome": outcome, "bars_repaired": 0, "end": end}
    stack.documents["/gaps"] = {"gaps": [row], "day": "2025-05-19"}
    result = cli("gaps", "--url", stack.url)
    assert result.code == code
    assert outcome in result.out
