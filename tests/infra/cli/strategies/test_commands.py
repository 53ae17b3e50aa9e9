"""`strategy new | list | show | check` as a person runs them."""

import json
from pathlib import Path

import pytest

from infra.cli.strategies.template import texts
from research.strategies import check as checking
from research.strategies.subject import Subject
from tests.infra.cli.conftest import Cli
from tests.infra.cli.test_documented import LISTED


def fields_of(command: str) -> set[str]:
    """Return the fields that docs/cli.md names."""
    import re

    (found,) = [row["fields"] for row in LISTED.finditer(DOCS) if row["command"] == command]
    return set(re.findall(r"`(\w+)`", re.sub(r"\{[^}]*\}|\([^)]*\)", "", found)))


DOCS = (Path(__file__).parents[4] / "docs" / "cli.md").read_text(encoding="utf-8")


def test_an_idea_is_written_listed_shown_and_broken(folder: Path, cli: Cli) -> None:
    made = cli("strategy", "new", "my_idea")
    assert made.code == 0, made.err
    assert "written: strategies/my_idea.py" in made.out
    assert "next: signalengine strategy check my_idea" in made.out

    listed = cli("strategy", "list", width=160)
    rows = [line.split()[:4] for line in listed.out.splitlines()]
    for row in (
        ["classic", "1", "shipped", "1m"],
        ["donchian", "1", "shipped", "1d"],
        ["my_idea", "1", "own", "1h"],
    ):
        assert row in rows

    shown = cli("strategy", "show", "my_idea", width=100)
    assert "My idea: a fast average that crosses a slow one" in shown.out
    assert "fast    10  (whole, 2 to 50)" in shown.out
    assert "300 × 1h" in shown.out

    (folder / "my_idea.py").write_text("import time\n", encoding="utf-8")
    broken = cli("strategy", "list", width=160)
    assert broken.code == 0
    assert (
        "✗ my_idea: my_idea.py, line 1: an import of a whole module at the top level" in broken.out
    )


def test_a_look_ahead_is_found_with_its_line_and_exit_code(folder: Path, cli: Cli) -> None:
    folder.mkdir()
    text = texts("ahead")[0].replace(
        "fold_ema(s, FAST_EMA, bar[CLOSE],", "fold_ema(s, FAST_EMA, bar[CLOSE + 7],"
    )
    (folder / "ahead.py").write_text(text, encoding="utf-8")
    line = next(n for n, one in enumerate(text.splitlines(), 1) if "CLOSE + 7" in one)

    checked = cli("strategy", "check", "ahead", width=160)

    assert checked.code == 1
    assert f"✗ ahead.py:{line}  allow-list: bar[CLOSE + 7] looks beyond this bar" in checked.out
    assert "fix: a fold sees one closed bar" in checked.out
    assert "not to be run yet" in checked.out
    document = json.loads(cli("strategy", "check", "strategies/ahead.py", "--json").out)
    assert (document["holds"], document["failures"][0]["line"]) == (False, line)
    assert set(document) == fields_of("strategy check")


@pytest.mark.slow  # every law, on a new strategy as it is written
def test_a_new_strategy_obeys_every_law(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        checking, "Subject", lambda *given: Subject(*given, compile=checking.load_text)
    )
    cli("strategy", "new", "my_idea", "--folder", "mine")

    checked = cli("strategy", "check", "mine/my_idea.py", "--set", "fast=12", width=120)

    assert checked.code == 0, checked.out
    assert "all 13 laws hold" in checked.out
    assert "µs a bar in plain Python" in checked.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["new", "donchian"], "'donchian' is the name of a strategy that ships"),
        (["new", "My-Idea"], "lower-case letters"),
        (["show", "unknown"], "there is no strategy 'unknown'; there are: classic, donchian"),
        (["show", "./unknown.py"], "there is no such file"),
        (["check", "classic"], "the engine's own tests"),
        (["check", "donchian", "--set", "days"], "write a parameter and a number"),
        (["check", "donchian", "--source", "sim"], "reads a recording"),
    ],
)
def test_what_cannot_be_is_refused_in_words(arguments: list[str], words: str, cli: Cli) -> None:
    refused = cli("strategy", *arguments, width=300)

    assert refused.code == 2
    assert words in refused.err


def test_documents_have_the_fields_that_are_documented(cli: Cli) -> None:
    for command, words in (("strategy list", []), ("strategy show", ["donchian"])):
        document = json.loads(cli(*command.split(), *words, "--json").out)
        assert set(document) == fields_of(command)
    classic = json.loads(cli("strategy", "show", "classic", "--json").out)
    assert set(classic) == fields_of("strategy show")
    assert "5dd6a6097a63" in cli("strategy", "show", "classic", width=100).out
