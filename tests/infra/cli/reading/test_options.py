"""Options of the reading commands: choices, completion, days."""

import pytest
import typer

from infra.cli.reading.options import choice, day, offer


def test_a_choice_is_one_of_the_known_values() -> None:
    check = choice("long", "short")
    assert (check("long"), check(None)) == ("long", None)
    with pytest.raises(typer.BadParameter, match="up: choose from long, short"):
        check("up")


def test_completion_offers_the_values_that_begin_so() -> None:
    assert offer("open", "closed", "expired")("o") == ["open"]
    assert offer("open", "closed")("") == ["open", "closed"]


def test_a_day_is_one_of_the_calendar() -> None:
    assert (day("2025-05-19"), day(None)) == ("2025-05-19", None)
    with pytest.raises(typer.BadParameter, match="20250519 looks like a date: write 2025-05-19"):
        day("20250519")
