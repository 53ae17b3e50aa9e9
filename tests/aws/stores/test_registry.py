"""The registry: classic alone until something is stored, and no change without its record."""

import json
from dataclasses import replace
from functools import partial

import pytest
from signalengine.errors import StrategyError, TransientError
from signalengine.strategy.lifecycle import UNCHANGED_CLASSIC, Action, Registered, changed
from signalengine_aws.stores.registry import DynamoRegistry, registered_item
from signalengine_aws.stores.tables import StrategyItem

from tests.aws.world import World
from tests.core.strategy.texts import ON_TRIAL, definition, set_text

NAME = "channel@fast"


def act(action: Action, now: int, before: Registered | None, *, first: bool = False) -> Registered:
    given = definition() if first else None
    return changed(
        before, action, now, definition=given, text=set_text(), reason="it raised",
        promotion=ON_TRIAL,
    )  # fmt: skip


def begin(registry: DynamoRegistry) -> Registered:
    return registry.change(NAME, "ann", partial(act, "shadow", 1, first=True))


def test_without_items_classic_is_live_and_alone(world: World) -> None:
    registry = DynamoRegistry("strategies_table")
    assert registry.read() == {"classic": UNCHANGED_CLASSIC}
    assert registry.get("classic") == UNCHANGED_CLASSIC
    assert registry.get(NAME) is None


def test_every_change_is_stored_with_who_made_it_and_what_was_before(world: World) -> None:
    registry = DynamoRegistry("strategies_table")
    first = begin(registry)
    second = registry.change(NAME, "bob", partial(act, "promote", 2))
    assert registry.read() == {"classic": UNCHANGED_CLASSIC, NAME: second}
    assert registry.get(NAME) == second
    assert [(one.at, one.who, one.before, one.after) for one in registry.changes(NAME)] == [
        (2, "bob", first, second),
        (1, "ann", None, first),
    ]
    registry.change("classic", "bob", partial(act, "retire", 3))
    assert [one.before for one in registry.changes("classic")] == [UNCHANGED_CLASSIC]
    assert next(iter(registry.read().values())).status == "off"


def test_what_is_not_permitted_changes_nothing(world: World) -> None:
    registry = DynamoRegistry("strategies_table")
    with pytest.raises(StrategyError, match="not registered"):
        registry.change(NAME, "ann", partial(act, "promote", 1))
    assert world.rows("STRATEGIES_TABLE") == []


def test_of_two_changes_at_once_the_second_sees_the_first(world: World) -> None:
    registry = DynamoRegistry("strategies_table")
    begin(registry)
    seen: list[str] = []

    def promote(before: Registered | None) -> Registered:
        assert before is not None
        seen.append(before.status)
        if len(seen) == 1:  # somebody parks it between the read and the write
            registry.change(NAME, "compute_features", partial(act, "park", 2))
        return act("promote", 3, before)

    with pytest.raises(StrategyError, match="is parked"):
        registry.change(NAME, "ann", promote)
    assert seen == ["shadow", "parked"]
    assert [one.after.status for one in registry.changes(NAME)] == ["parked", "shadow"]


def test_a_set_of_a_newer_version_is_left_out_and_never_overwritten(world: World) -> None:
    registry = DynamoRegistry("strategies_table")
    begin(registry)
    StrategyItem("sets", NAME, body='{"v": 99}', version=5).save()
    assert list(registry.read()) == ["classic"]
    with pytest.raises(TransientError):
        registry.change(NAME, "ann", partial(act, "shadow", 2, first=True))
    assert StrategyItem.get("sets", NAME).body == '{"v": 99}'


def test_a_set_that_is_put_by_hand_is_read_as_one_that_was_changed(world: World) -> None:
    registry = DynamoRegistry("strategies_table")
    stored = begin(registry)
    other = replace(stored, name="channel@slow", status="live", version=1)
    world.dynamodb.put_item(TableName="strategies_table", Item=registered_item(other))
    assert registry.read() == {"classic": UNCHANGED_CLASSIC, NAME: stored, "channel@slow": other}
    registry.change("channel@slow", "ann", partial(act, "retire", 9))
    assert registry.read()["channel@slow"].status == "off"


def test_a_promotion_is_stored_and_items_of_before_have_none(world: World) -> None:
    registry = DynamoRegistry("strategies_table")
    begin(registry)
    live = registry.change(NAME, "bob", partial(act, "promote", 2))
    assert live.promotion == ON_TRIAL
    assert registry.read()[NAME] == live
    (change, _) = registry.changes(NAME)
    assert change.after.promotion == ON_TRIAL
    for series, name in (("sets", NAME), ("changes#" + NAME, "00000002")):
        item = StrategyItem.get(series, name)
        raw = json.loads(item.body)
        for one in (raw, raw.get("before") or {}, raw.get("after", {})):
            one.pop("promotion", None)
        item.body = json.dumps(raw)
        item.save()
    old = replace(live, promotion=None)
    assert registry.get(NAME) == old
    assert registry.changes(NAME)[0].after == old
