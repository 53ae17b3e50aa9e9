"""What CloudFormation and the services refuse, and no emulator and no linter does.

Each rule names its source: these were not found here, a deployment would find them.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from signalengine_aws.stores.tables import MODELS

from infra.local.stack.assembly import Assembly
from infra.parts.data.references import KIND
from infra.settings import ONLY

from .template import Template, flat

REQUEST_ID = re.compile(r"\$context\.(requestId|extendedRequestId)\b")
STATEFUL = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret")


def test_an_access_log_has_the_id_of_the_request(template: Template) -> None:
    """API Gateway V2, `AWS::ApiGatewayV2::Stage AccessLogSettings`, Format: "The format must
    include at least `$context.requestId`"."""
    formats = [
        stage["AccessLogSettings"]["Fn::If"][1]["Format"]
        for stage in template.of_type("AWS::ApiGatewayV2::Stage").values()
        if "AccessLogSettings" in stage
    ]
    assert formats
    assert [text for text in formats if not REQUEST_ID.search(text)] == []


def test_a_failed_creation_leaves_nothing_behind(template: Template, data: Template) -> None:
    """CloudFormation, "DeletionPolicy attribute": with `Retain` a resource stays when the creation
    of its stack is rolled back; with `RetainExceptOnCreate` it does not. The next attempt would
    make the retained ones a second time, under other names."""
    assert retained(template) == []
    assert {
        (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
        for resource in data.body["Resources"].values()
        if resource.get("DeletionPolicy", "Delete") != "Delete"
    } == {("RetainExceptOnCreate", "Retain")}


def test_tables_archive_and_secrets_outlive_both_stacks(data: Template) -> None:
    stateful = [one["Type"] for one in data.body["Resources"].values() if one["Type"] in STATEFUL]
    assert Counter(retained(data)) == Counter(stateful)
    assert Counter(stateful) == dict(zip(STATEFUL, (len(MODELS), 1, 4), strict=True))


def test_aws_refuses_to_delete_the_data(assembly: Assembly) -> None:
    """CloudFormation, "Protect CloudFormation stacks from being deleted"."""
    artifacts = json.loads((assembly.folder / "manifest.json").read_text())["artifacts"]
    assert artifacts[ONLY.data]["properties"]["terminationProtection"] is True
    assert artifacts[ONLY.code]["properties"]["terminationProtection"] is False
    assert ONLY.data in artifacts[ONLY.code]["dependencies"], "the data is deployed first"


def test_neither_stack_holds_the_other_one_back(template: Template, data: Template) -> None:
    """CloudFormation, "Get exports": an export cannot be changed while another stack imports it."""
    assert [one for one in data.body["Outputs"].values() if "Export" in one] == []
    assert "Fn::ImportValue" not in flat(template.body)


def test_the_code_finds_exactly_what_the_data_publishes(template: Template, data: Template) -> None:
    """CloudFormation, "SSM parameter types": the parameters are read at each deployment."""
    published = {one["Name"] for one in data.of_type("AWS::SSM::Parameter").values()}
    found = {one["Default"] for one in template.body["Parameters"].values() if one["Type"] == KIND}
    assert found - {"/cdk-bootstrap/hnb659fds/version"} == published


def retained(template: Template) -> list[str]:
    """Return the types of what stays when its stack is deleted."""
    return [
        resource["Type"]
        for resource in template.body["Resources"].values()
        if resource.get("DeletionPolicy", "Delete") != "Delete"
    ]


@pytest.mark.parametrize("function", ["compute_features", "track_signals"])
def test_the_ingest_task_starts_after_the_functions_that_it_feeds(
    template: Template, function: str
) -> None:
    """CloudFormation, "DependsOn attribute": without it, resources are changed in parallel. A new
    task sends the history at once; a function of the release before refuses its layout."""
    wanted = {
        name
        for name, resource in template.body["Resources"].items()
        if f'"{function_id(template, function)}"' in flat(resource.get("Properties", {}))
        and resource["Type"] == "AWS::Lambda::EventSourceMapping"
    } | {function_id(template, function)}
    assert len(wanted) >= 2
    assert wanted <= started_before_the_task(template)


def test_evaluations_are_written_in_a_new_form_when_their_reader_is_updated(
    template: Template,
) -> None:
    """CloudFormation, "DependsOn attribute": the scoring of the release before would dead-letter
    each evaluation that it cannot read."""
    writer = template.body["Resources"][function_id(template, "compute_features")]
    assert function_id(template, "score_events") in writer["DependsOn"]


def test_the_ingest_task_starts_after_its_way_out(template: Template) -> None:
    """ECS, "Task networking options for Fargate": a task in a public subnet pulls its image by a
    route to an internet gateway; CloudFormation sees that the service needs the subnet only."""
    ways = {
        name
        for kind in ("Route", "SubnetRouteTableAssociation", "VPCGatewayAttachment")
        for name in template.of_type(f"AWS::EC2::{kind}")
    }
    assert ways
    assert ways <= started_before_the_task(template)


def test_the_ingest_task_starts_after_its_right_to_pull(template: Template) -> None:
    """ECS, "Task execution role": the image is pulled and the log written with this role; its
    policy is another resource, which nothing but DependsOn puts first."""
    (task,) = template.of_type("AWS::ECS::TaskDefinition").values()
    roles = [task[key]["Fn::GetAtt"][0] for key in ("ExecutionRoleArn", "TaskRoleArn")]
    policies = {
        name
        for name, policy in template.of_type("AWS::IAM::Policy").items()
        if policy["Roles"][0]["Ref"] in roles
    }
    assert len(policies) == 2
    assert policies <= started_before_the_task(template)


def test_mappings_are_made_after_the_rights_of_their_functions(template: Template) -> None:
    """Lambda, CreateEventSourceMapping: the call fails when the function's role may not read the
    source at that moment."""
    for name, mapping in template.of_type("AWS::Lambda::EventSourceMapping").items():
        function = mapping["FunctionName"]["Ref"]
        role = template.body["Resources"][function]["Properties"]["Role"]["Fn::GetAtt"][0]
        before = set(needed(template, name))
        policies = [
            policy
            for policy, properties in template.of_type("AWS::IAM::Policy").items()
            if {"Ref": role} in properties["Roles"]
            and "Condition" not in template.body["Resources"][policy]
        ]
        assert policies
        assert set(policies) <= before, name


def test_no_default_of_a_parameter_is_too_long(template: Template) -> None:
    """CloudFormation quotas: a parameter's value has at most 4,096 bytes, a name 255 characters,
    a template 200 parameters and 200 outputs."""
    parameters = template.body["Parameters"]
    assert len(parameters) <= 200
    assert len(template.body["Outputs"]) <= 200
    for name, parameter in parameters.items():
        assert len(name) <= 255
        assert len(str(parameter.get("Default", "")).encode()) <= 4096, name
        assert len(parameter.get("Description", "").encode()) <= 4000, name


def test_the_environment_of_a_function_fits(template: Template) -> None:
    """Lambda quotas: 4 KB for all environment variables of a function."""
    for name, function in template.functions().items():
        variables = function["Environment"]["Variables"]
        size = sum(
            len(key) + (GENERATED if isinstance(value, dict) else len(str(value)))
            for key, value in variables.items()
        )
        assert size <= 4096, name
        assert not set(variables) & RESERVED, name


GENERATED = 130
"""Characters of a generated name, ARN or address of this stack, with much to spare."""
RESERVED = {"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_LAMBDA_FUNCTION_NAME"}
"""Lambda, "Defined runtime environment variables": a function cannot set these."""


def function_id(template: Template, name: str) -> str:
    return next(
        logical
        for logical in template.of_type("AWS::Lambda::Function")
        if template.function_of(logical) == name
    )


def started_before_the_task(template: Template) -> set[str]:
    (service,) = template.of_type("AWS::ECS::Service")
    return set(needed(template, service))


def needed(template: Template, name: str) -> Iterator[str]:
    """Yield everything that CloudFormation makes before a resource."""
    resources, seen, todo = template.body["Resources"], set[str](), [name]
    while todo:
        resource = resources[todo.pop()]
        explicit = resource.get("DependsOn", [])
        names = {explicit} if isinstance(explicit, str) else set(explicit)
        text = flat(resource.get("Properties", {}))
        names |= set(re.findall(r'\{"Ref": "(\w+)"\}', text))
        names |= set(re.findall(r'\{"Fn::GetAtt": \["(\w+)"', text))
        new = (names & resources.keys()) - seen
        seen |= new
        todo += new
        yield from new
