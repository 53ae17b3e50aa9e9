"""The tables against the models that the functions use."""

from dataclasses import fields

import pytest
from pynamodb.models import Model
from signalengine_aws.stores.tables import MODELS, STREAMS

from infra.names import STREAMED, TABLES
from infra.parts.data.storage import RESTORABLE, Tables
from tests.infra.template import Resource, Template


@pytest.mark.parametrize("variable", sorted(MODELS))
def test_tables_mirror_the_models_of_the_functions(data: Template, variable: str) -> None:
    table, model = data.tables()[variable], MODELS[variable]
    assert keys_of(table) == (hash_name(model), range_name(model))
    assert indexes_of(table) == model_indexes(model)
    stream = table.get("StreamSpecification", {}).get("StreamViewType")
    assert stream == STREAMS.get(variable)
    expires = "TimeToLiveSpecification" in table
    assert expires == ("ttl" in model.get_attributes())


def test_there_is_no_table_without_a_model(data: Template) -> None:
    assert set(data.tables()) == set(MODELS)


def test_tables_that_nothing_brings_back_can_be_restored_to_any_second(data: Template) -> None:
    """Recovery is paid for by the gigabyte: bars, events and the like are folded again."""
    restorable = set()
    for variable, table in data.tables().items():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        if table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]:
            restorable.add(name_of(variable))
    assert restorable == set(RESTORABLE)


def test_the_stack_of_the_code_finds_each_table_and_stream(template: Template) -> None:
    assert tuple(field.name for field in fields(Tables)) == TABLES
    assert set(TABLES) == {name_of(one) for one in MODELS}
    assert {name_of(one) for one in STREAMS} == set(STREAMED)
    found = {one["Default"] for one in template.body["Parameters"].values()}
    assert found >= {f"/SignalEngine/tables/{name_of(one)}" for one in MODELS}
    assert found >= {f"/SignalEngine/streams/{name_of(one)}" for one in STREAMS}


def name_of(variable: str) -> str:
    return variable.removesuffix("_TABLE").lower()


def keys_of(table: Resource) -> tuple[str, str | None]:
    by_role = {key["KeyType"]: key["AttributeName"] for key in table["KeySchema"]}
    return by_role["HASH"], by_role.get("RANGE")


def indexes_of(table: Resource) -> dict[str, tuple[str, str | None, str, list[str]]]:
    return {
        index["IndexName"]: (
            *keys_of(index),
            index["Projection"]["ProjectionType"],
            list(index["Projection"].get("NonKeyAttributes", [])),
        )
        for index in table.get("GlobalSecondaryIndexes", [])
    }


def model_indexes(model: type[Model]) -> dict[str, tuple[str, str | None, str, list[str]]]:
    return {
        schema["index_name"]: (
            *schema_keys(schema["key_schema"]),
            schema["projection"]["ProjectionType"],
            list(schema["projection"].get("NonKeyAttributes", [])),
        )
        for schema in (index._get_schema() for index in model._indexes.values())
    }


def schema_keys(keys: list[dict[str, str]]) -> tuple[str, str | None]:
    by_role = {key["KeyType"]: key["AttributeName"] for key in keys}
    return by_role["HASH"], by_role.get("RANGE")


def hash_name(model: type[Model]) -> str | None:
    return model._hash_keyname


def range_name(model: type[Model]) -> str | None:
    return model._range_keyname
