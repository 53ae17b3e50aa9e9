"""Expressions as PynamoDB writes them; what is not implemented is refused."""

import pytest

from infra.local.chaos.model.services.expressions import ExpressionError, condition, holds, updated

ITEM = {"n": {"N": "2"}, "t": {"S": "text"}, "p": {"SS": ["closed", "opened"]}}
NAMES = {"#0": "n", "#1": "t", "#2": "p", "#3": "none"}


@pytest.mark.parametrize(
    ("expression", "values", "expected"),
    [
        ("#0 = :0", {":0": {"N": "2.0"}}, True),
        ("#0 = :0", {":0": {"S": "2"}}, False),
        ("#0 <> :0", {":0": {"S": "2"}}, True),
        ("#3 = :0", {":0": {"N": "2"}}, False),
        ("#3 <> :0", {":0": {"N": "2"}}, True),
        ("(#0 < :0 AND #0 > :1) OR #1 = :1", {":0": {"N": "10"}, ":1": {"N": "1"}}, True),
        ("NOT (#0 = :0)", {":0": {"N": "2"}}, False),
        ("#0 BETWEEN :0 AND :1", {":0": {"N": "2"}, ":1": {"N": "2"}}, True),
        ("attribute_exists (#3) OR attribute_not_exists (#0)", {}, False),
        ("contains (#2, :0)", {":0": {"S": "opened"}}, True),
        ("contains (#1, :0)", {":0": {"S": "ex"}}, True),
        ("begins_with (#1, :0)", {":0": {"S": "ex"}}, False),
        ("size (#2) > :0", {":0": {"N": "1"}}, True),
        ("#2 = :0", {":0": {"SS": ["opened", "closed"]}}, True),
        ("#2 < :0", {":0": {"SS": ["opened"]}}, False),
    ],
)
def test_a_condition_holds_as_in_dynamodb(
    expression: str, values: dict[str, dict[str, object]], expected: bool
) -> None:
    assert holds(expression, ITEM, NAMES, values) is expected


def test_an_update_changes_what_it_names() -> None:
    after = updated(
        "SET #1 = :t REMOVE #3 ADD #0 :d DELETE #2 :p",
        ITEM,
        NAMES,
        {":t": {"S": "new"}, ":d": {"N": "-5"}, ":p": {"SS": ["opened"]}},
    )
    assert after == {"n": {"N": "-3"}, "t": {"S": "new"}, "p": {"SS": ["closed"]}}


def test_a_set_that_loses_its_last_element_is_absent() -> None:
    values = {":p": {"SS": ["closed", "opened"]}}
    assert "p" not in updated("DELETE #2 :p", ITEM, NAMES, values)


@pytest.mark.parametrize("expression", ["#0.#1 = :0", "#0 IN (:0)", "#0 = :0 #1", "size(#0)", ""])
def test_what_is_not_implemented_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        condition(expression)


@pytest.mark.parametrize("expression", ["SET #0 = #0 + :0", "SET #0 = :0 + :1", "PUT #0 :0"])
def test_an_update_that_is_not_implemented_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        updated(expression, ITEM, NAMES, {":0": {"N": "1"}, ":1": {"N": "1"}})
