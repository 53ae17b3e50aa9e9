"""References: a value published by one stack is found by another, also after it has changed."""

from aws_cdk import App, Stack

from infra.parts.data.references import KIND, find, logical_id, publish
from infra.settings import Stage

STAGE = Stage("dev")


def test_what_one_stack_publishes_another_one_finds_by_its_path() -> None:
    app = App()
    data, code = Stack(app, STAGE.data), Stack(app, STAGE.code)
    publish(data, STAGE, "tables/state", "the-table")
    value = find(code, STAGE, "tables/state")
    assembly = app.synth()
    (published,) = (
        one["Properties"]
        for one in assembly.get_stack_by_name(STAGE.data).template["Resources"].values()
        if one["Type"] == "AWS::SSM::Parameter"
    )
    found = assembly.get_stack_by_name(STAGE.code).template["Parameters"]["TablesState"]
    assert (published["Name"], published["Value"]) == (
        "/SignalEngine-dev/tables/state",
        "the-table",
    )
    assert (found["Type"], found["Default"]) == (KIND, published["Name"])
    assert "[cdk:skip]" not in found["Description"], "the CDK would pass over a changed value"
    assert code.resolve(value) == {"Ref": "TablesState"}


def test_paths_have_ids_of_letters() -> None:
    paths = ("tables/state", "streams/state", "archive/bucket", "secrets/api")
    ids = [logical_id(path) for path in paths]
    assert all(one.isalnum() for one in ids)
    assert len(set(ids)) == len(paths)
