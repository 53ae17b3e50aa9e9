"""Groups of symbols: sixteen each, in the order in which symbols came, for ever."""

import json
from typing import Any

import pytest
from signalengine_aws.runtime.packed_json import packed
from signalengine_aws.runtime.stored_fields import UnreadableError
from signalengine_aws.stores.items.state import GROUPS_KEY
from signalengine_aws.stores.log.groups import SIZE, DynamoGroups

from tests.aws.world import World

NAMES = [f"S{number:02}USDT" for number in range(SIZE + 2)]


def test_symbols_fill_groups_in_the_order_in_which_they_come(world: World) -> None:
    groups = DynamoGroups("state_table")
    assert groups.of(NAMES) == {}
    groups.add(NAMES[:3])
    groups.add(NAMES[2:])
    assert groups.members(0) == NAMES[:SIZE]
    assert groups.members(1) == NAMES[SIZE:]
    assert DynamoGroups("state_table").of([NAMES[0], NAMES[-1], "XUSDT"]) == {
        NAMES[0]: 0, NAMES[-1]: 1
    }  # fmt: skip


def test_two_processes_that_add_at_once_agree(world: World) -> None:
    """The second one's put finds that the item has changed; nobody's symbol moves."""
    one, two = DynamoGroups("state_table"), DynamoGroups("state_table")
    assert (one.of(["A"]), two.of(["A"])) == ({}, {})
    one.add(["B"])
    two.add(["A", "B"])
    one.add(["C"])
    assert [DynamoGroups("state_table").of([s])[s] for s in "ABC"] == [0, 0, 0]
    assert [groups.of("ABC") for groups in (one, two)] == [{"A": 0, "B": 0, "C": 0}] * 2
    assert (one.members(0), two.members(0)) == (["B", "A", "C"], ["B", "A", "C"])


def test_groups_are_stored_plain_as_the_release_before_reads_them(world: World) -> None:
    DynamoGroups("state_table").add(["A", "B"])
    (item,) = world.rows("STATE_TABLE")
    assert item == {"symbol": {"S": GROUPS_KEY}, "last": {"N": "2"}, "body": {"S": '["A","B"]'}}


def test_packed_groups_are_read_and_stored_plain_with_the_next_symbol(world: World) -> None:
    put(world, {"B": packed(json.dumps(["B", "A"]))})
    groups = DynamoGroups("state_table")
    assert groups.of("AB") == {"A": 0, "B": 0}
    groups.add(["C"])
    (item,) = world.rows("STATE_TABLE")
    assert item["body"] == {"S": '["B","A","C"]'}


@pytest.mark.parametrize(
    "body", [{"S": "{}"}, {"S": "[1]"}, {"S": "x"}, {"N": "7"}, {"B": b"x"}, {"NULL": True}]
)
def test_groups_in_an_unknown_form_are_an_error_of_ours(world: World, body: Any) -> None:
    put(world, body)
    with pytest.raises(UnreadableError, match="groups: "):
        DynamoGroups("state_table").of(["A"])


def put(world: World, body: dict[str, Any]) -> None:
    item = {"symbol": {"S": GROUPS_KEY}, "last": {"N": "2"}, "body": body}
    world.dynamodb.put_item(TableName="state_table", Item=item)
