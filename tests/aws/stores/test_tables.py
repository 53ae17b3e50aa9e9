"""The tables are what the contract between functions, infrastructure and people says."""

import re
from typing import Any

import pytest
from pynamodb.models import Model
from signalengine.stats.performance import Performance
from signalengine_aws.stores.items.groups import GroupsItem
from signalengine_aws.stores.performance import row_item
from signalengine_aws.stores.tables import (
    MODELS,
    IntegerAttribute,
    PerformanceItem,
    StateItem,
    bind,
    client,
)

from infra.assets import ROOT
from tests.aws.world import World, table_definition

KEYS = {
    "STATE_TABLE": ["symbol:S"],
    "BARS_TABLE": ["series:S", "position:N"],
    "EVENTS_TABLE": ["series:S", "close_time:N"],
    "DECISIONS_TABLE": ["series:S", "close_time:N"],
    "SIGNALS_TABLE": ["signal_id:S"],
    "COOLDOWNS_TABLE": ["series:S"],
    "PERFORMANCE_TABLE": ["stats_key:S", "symbol:S"],
    "DELIVERIES_TABLE": ["event_id:S", "channel:S"],
    "CONNECTIONS_TABLE": ["bucket:S", "connection_id:S"],
    "GAPS_TABLE": ["day:S", "gap_id:S"],
    "SUBSCRIPTIONS_TABLE": ["bucket:S", "channel:S"],
    "CALLS_TABLE": ["caller:S"],
    "STRATEGIES_TABLE": ["series:S", "name:S"],
}
INDEXES = {
    "EVENTS_TABLE": {"by_day": ["day:S", "close_time:N"]},
    "DECISIONS_TABLE": {"by_day": ["day:S", "close_time:N"]},
    "SIGNALS_TABLE": {
        "by_day": ["day:S", "close_time:N"],
        "by_symbol": ["series:S", "close_time:N"],
        "by_month": ["month:S", "close_time:N"],
        "by_open": ["open:S", "expires_at:N"],
        "by_outbox": ["outbox:S", "updated_at:N"],
        "by_update": ["updated_day:S", "updated_at:N"],
    },
}


def keys(definition: dict[str, Any], schema: list[dict[str, str]]) -> list[str]:
    types = {a["AttributeName"]: a["AttributeType"] for a in definition["AttributeDefinitions"]}
    return [f"{k['AttributeName']}:{types[k['AttributeName']]}" for k in schema]


@pytest.mark.parametrize("variable", MODELS)
def test_a_table_has_its_keys_and_indexes(variable: str) -> None:
    definition = table_definition(variable, MODELS[variable])
    assert keys(definition, definition["KeySchema"]) == KEYS[variable]
    found = {
        index["IndexName"]: keys(definition, index["KeySchema"])
        for index in definition.get("GlobalSecondaryIndexes", [])
    }
    assert found == INDEXES.get(variable, {})


@pytest.mark.parametrize("text", ["0", "-5", "123456789012345678901234567890", "1E+3"])
def test_integers_of_any_size_are_exact(text: str) -> None:
    attribute = IntegerAttribute()
    value = attribute.deserialize(text)
    assert value == int(float(text)) or str(value) == text
    assert attribute.serialize(value) == str(value)


def test_all_models_share_one_client(world: World) -> None:
    bind(StateItem, "state_table")
    bind(PerformanceItem, "performance_table")
    connections = {model._get_connection().connection for model in (StateItem, PerformanceItem)}
    assert connections == {client()}


def test_binding_again_to_another_name_follows(world: World) -> None:
    bind(StateItem, "elsewhere")
    assert StateItem._get_connection().table_name == "elsewhere"
    bind(StateItem, "state_table")
    StateItem(symbol="A", last=1).save()
    assert world.rows("STATE_TABLE") == [{"symbol": {"S": "A"}, "last": {"N": "1"}}]


OTHERS: list[dict[str, Any]] = [
    {"S": "x"}, {"N": "7"}, {"B": b"x"}, {"BOOL": True}, {"NULL": True}, {"L": []}, {"M": {}},
    {"SS": ["x"]}, {"NS": ["7"]}, {"BS": [b"x"]},
]  # fmt: skip


@pytest.mark.parametrize("model", [*MODELS.values(), GroupsItem], ids=lambda one: one.__name__)
def test_an_attribute_of_another_type_is_none_and_the_rest_is_read(model: type[Model]) -> None:
    attributes = model.get_attributes()
    key = next(name for name, one in attributes.items() if one.is_hash_key)
    for name, attribute in attributes.items():
        strange = [] if name == key else [one for one in OTHERS if attribute.attr_type not in one]
        for other in strange:
            item = model.from_raw_data({key: {"S": "k"}, attribute.attr_name: other})
            found = getattr(item, name)
            assert getattr(item, key) == "k"
            assert found is None or (attribute.attr_type, other) == ("B", {"S": "x"}), name


def test_a_performance_row_has_an_attribute_for_every_field() -> None:
    row = Performance(*range(1, len(Performance.__dataclass_fields__) + 1))
    item = row_item("key", "BTCUSDT", row)
    stored = item.serialize()
    assert {name: int(stored[name]["N"]) for name in Performance.__dataclass_fields__} == {
        name: getattr(row, name) for name in Performance.__dataclass_fields__
    }


ROW = re.compile(
    r"^\| `(?P<table>\w+)` \| (?P<key>[^|]+) \| [^|]+ \| (?P<indexes>[^|]*)\|$", re.MULTILINE
)
INDEX = re.compile(r"`(\w+)` \(([^)]+)\)")


def test_the_page_of_the_tables_has_their_keys_and_indexes() -> None:
    text = (ROOT / "docs" / "tables.md").read_text()
    rows = {f"{row['table'].upper()}_TABLE": row for row in ROW.finditer(text)}
    assert {name: names(row["key"]) for name, row in rows.items()} == {
        name: untyped(key) for name, key in KEYS.items()
    }
    assert {
        name: {index: names(key) for index, key in INDEX.findall(row["indexes"])}
        for name, row in rows.items()
    } == {
        name: {index: untyped(key) for index, key in INDEXES.get(name, {}).items()} for name in KEYS
    }


def names(text: str) -> list[str]:
    return re.findall(r"`(\w+)`", text)


def untyped(key: list[str]) -> list[str]:
    return [one.partition(":")[0] for one in key]
