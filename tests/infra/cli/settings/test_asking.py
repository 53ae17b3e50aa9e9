"""What is asked, and that what is written is what is read."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.cli.settings.asking import answers, check_absent, lines, write_file
from infra.errors import CommandError
from infra.local.settings.env_file import read
from infra.local.settings.table import VARIABLES, Variable
from tests.examples import examples

FREE = ("AI_MODEL_PATH", "OLLAMA_MODEL", "METRICS_BIND")
"""Variables whose value may be any text."""


class Person:
    """Answers the questions from a list for each variable, then with nothing."""

    def __init__(self, **given: list[str]) -> None:
        self.given = given
        self.asked: list[str] = []
        self.told: list[str] = []

    def ask(self, _question: str, variable: Variable) -> str:
        self.asked.append(variable.name)
        left = self.given.get(variable.name, [])
        return left.pop(0) if left else ""


def test_a_person_who_wants_nothing_is_asked_four_questions() -> None:
    person = Person()
    assert answers(person.ask, person.told.append) == {}
    assert person.asked == ["TELEGRAM_BOT_TOKEN", "SYMBOLS", "OLLAMA_BASE_URL", "AI_MODEL_PATH"]


def test_a_bot_needs_a_chat_and_an_answer_that_cannot_be_is_asked_again() -> None:
    person = Person(
        TELEGRAM_BOT_TOKEN=["hush", "17:token"], TELEGRAM_CHAT_ID=["", "me", "42"],
        AI_MODEL_PATH=["m.json"],
    )  # fmt: skip
    assert answers(person.ask, person.told.append) == {
        "TELEGRAM_BOT_TOKEN": "17:token", "TELEGRAM_CHAT_ID": "42",
        "AI_MODEL_PATH": "m.json", "AI_ENABLED": "true",
    }  # fmt: skip
    assert len(person.told) == 3
    assert not any("hush" in text for text in person.told)


@examples(40)
@given(st.dictionaries(st.sampled_from(FREE), st.text(min_size=1).filter(str.isprintable)))
def test_what_is_written_is_what_is_read(values: dict[str, str]) -> None:
    path = Path("written.env").absolute()
    write_file(path, values)
    assert read(path).values == values
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_setting_is_in_the_file_with_its_help() -> None:
    text = "\n".join(lines({}))
    for one in VARIABLES.values():
        assert (f"# {one.help}\n#{one.name}={one.default}" in text) == (one.place != "command")


def test_a_file_that_is_there_is_not_replaced(folder: Path) -> None:
    path = folder / ".env"
    check_absent(path, force=False)
    path.touch()
    with pytest.raises(CommandError, match="exists") as caught:
        check_absent(path, force=False)
    assert "--force" in caught.value.fix
    check_absent(path, force=True)
