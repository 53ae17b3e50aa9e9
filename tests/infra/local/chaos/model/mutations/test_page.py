"""docs/mutations.md has each mutation; who noticed them comes from the report of a hunt."""

import tomllib

import pytest

from infra.local.chaos.model.mutations.hunt import Caught
from infra.local.chaos.model.mutations.page import PAGE, noted, written
from infra.local.chaos.model.mutations.table import TABLE, mutations


def test_the_page_is_written_from_the_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert written(text, mutations()) == text
    for one in mutations():
        assert f"| {one.name} | {one.breaks} | {one.noticed} |" in text


def test_a_page_without_the_mark_is_an_error() -> None:
    with pytest.raises(ValueError, match="lacks"):
        written("# Mutations\n", ())


def test_who_noticed_is_noted_and_nothing_else_changes() -> None:
    text = TABLE.read_text(encoding="utf-8")
    first, second, *others = tomllib.loads(text)["mutation"]
    found = [Caught(first["name"], "seed 7"), Caught(second["name"], "a client's resume")]
    rows = tomllib.loads(noted(text, found))["mutation"]
    assert rows[0] == first | {"noticed": "seed 7"}
    assert rows[1] == second | {"noticed": "a client's resume"}
    assert rows[2:] == others
    as_before = [Caught(one.name, one.noticed) for one in mutations()]
    assert noted(text, as_before) == text


def test_a_table_with_a_survivor_is_not_written() -> None:
    with pytest.raises(ValueError, match="survived: one"):
        noted("", [Caught("one", None)])
