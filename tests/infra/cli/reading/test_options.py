"""Options of the reading commands: choices, completion, upper case."""

import pytest
import typer

from infra.cli.reading.options import choice, offer, upper


def test_a_choice_is_one_of_the_known_values() -> None:
    check = choice("long", "short")
    assert (check("long"), check(None)) == ("long", None)
    with pytest.raises(typer.BadParameter, match="up: choose from long, short"):
        check("up")


def test_completion_offers_the_values_that_begin_so() -> None:
    assert offer("open", "closed", "expired")("o") == ["open"]
    assert offer("open", "closed")("") == ["open", "closed"]


def test_a_symbol_is_upper_case() -> None:
    assert (upper("btcusdt"), upper(None)) == ("BTCUSDT", None)
