"""What an update would lose or break is named, and what it adds is allowed."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from infra.local.baseline.release import template_of
from infra.local.baseline.rules import forbidden
from infra.local.stack.assembly import Assembly

BEFORE = {name: template_of(name) for name in ("data", "code")}
TABLE = "AWS::DynamoDB::Table"


def test_an_update_from_the_baseline_loses_nothing(assembly: Assembly) -> None:
    assert forbidden(BEFORE, {"data": assembly.data, "code": assembly.template}) == []


def of_type(stack: str, kind: str) -> str:
    """The first resource of a type."""
    return next(key for key, one in BEFORE[stack]["Resources"].items() if one["Type"] == kind)


Change = Callable[[dict[str, Any]], None]
SIGNALS = next(key for key in BEFORE["data"]["Resources"] if key.startswith("Storagesignals"))


def properties(now: dict[str, Any]) -> Any:
    return now["data"]["Resources"][SIGNALS]["Properties"]


def removed(stack: str, kind: str) -> Change:
    return lambda now: now[stack]["Resources"].pop(of_type(stack, kind))


def other_key(now: dict[str, Any]) -> None:
    properties(now)["KeySchema"][0]["AttributeName"] = "id"
    properties(now)["AttributeDefinitions"].append({"AttributeName": "id", "AttributeType": "S"})


def other_stream(now: dict[str, Any]) -> None:
    properties(now)["StreamSpecification"] = {"StreamViewType": "KEYS_ONLY"}


def other_projection(now: dict[str, Any]) -> None:
    properties(now)["GlobalSecondaryIndexes"][0]["Projection"] = {"ProjectionType": "KEYS_ONLY"}


def two_indexes_less(now: dict[str, Any]) -> None:
    del properties(now)["GlobalSecondaryIndexes"][:2]


def not_retained(now: dict[str, Any]) -> None:
    del now["data"]["Resources"][SIGNALS]["DeletionPolicy"]


def no_symbols(now: dict[str, Any]) -> None:
    del now["code"]["Parameters"]["Symbols"]


def no_address(now: dict[str, Any]) -> None:
    del now["code"]["Outputs"]["HttpUrl"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (removed("data", TABLE), "made anew, without what it holds"),
        (removed("data", "AWS::SecretsManager::Secret"), "made anew, without what it holds"),
        (removed("data", "AWS::SSM::Parameter"), "still looks for it"),
        (removed("code", "AWS::Kinesis::Stream"), "without what waits in it"),
        (removed("code", "AWS::SQS::Queue"), "without what waits in it"),
        (other_key, "another key"),
        (other_stream, "another StreamSpecification"),
        (other_projection, "an index cannot change: by_day"),
        (two_indexes_less, "one index an update"),
        (not_retained, "no longer be retained"),
        (no_symbols, "parameter Symbols is gone"),
        (no_address, "output HttpUrl is gone"),
    ],
)
def test_what_would_lose_or_break_something_is_named(change: Change, words: str) -> None:
    now = copy.deepcopy(BEFORE)
    change(now)
    (found,) = forbidden(BEFORE, now)
    assert words in found


def test_more_of_everything_is_allowed() -> None:
    now = copy.deepcopy(BEFORE)
    index = {"IndexName": "by_age", "KeySchema": [], "Projection": {"ProjectionType": "ALL"}}
    properties(now)["GlobalSecondaryIndexes"].append(index)
    tables = [one for one in now["data"]["Resources"].values() if one["Type"] == TABLE]
    quiet = next(one for one in tables if "StreamSpecification" not in one["Properties"])
    quiet["Properties"]["StreamSpecification"] = {"StreamViewType": "NEW_IMAGE"}
    now["data"]["Resources"]["Another"] = {"Type": TABLE, "Properties": {}}
    now["code"]["Parameters"]["Another"] = {"Type": "String"}
    assert forbidden(BEFORE, now) == []
