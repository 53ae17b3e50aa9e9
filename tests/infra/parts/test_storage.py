"""The tables against the models that the functions use."""

import pytest
from pynamodb.models import Model
from signalengine_aws.stores.tables import MODELS, STREAMS

from tests.infra.template import Resource, Template


@pytest.mark.parametrize("variable", sorted(MODELS))
def test_tables_mirror_the_models_of_the_functions(template: Template, variable: str) -> None:
    table, model = template.tables()[variable], MODELS[variable]
    assert keys_of(table) == (hash_name(model), range_name(model))
    assert indexes_of(table) == model_indexes(model)
    stream = table.get("StreamSpecification", {}).get("StreamViewType")
    assert stream == STREAMS.get(variable)
    expires = "TimeToLiveSpecification" in table
    assert expires == ("ttl" in model.get_attributes())


def test_there_is_no_table_without_a_model(template: Template) -> None:
    assert set(template.tables()) == set(MODELS)


def test_tables_can_be_restored_to_any_second_and_outlive_the_stack(template: Template) -> None:
    for name, resource in template.body["Resources"].items():
        if resource["Type"] == "AWS::DynamoDB::Table":
            recovery = resource["Properties"]["PointInTimeRecoverySpecification"]
            assert recovery == {"PointInTimeRecoveryEnabled": True}, name
            assert resource["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
            assert resource["DeletionPolicy"] == "RetainExceptOnCreate"


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
