"""What roles, queues and topics demand, on AWS."""

from typing import Any

import pytest
from aws_cdk import App, CfnCondition, Fn, Stack
from aws_cdk import aws_sqs as sqs

from infra.parts.demands import demand
from tests.infra.template import Template, on_aws

MAIL = "SendsEmail"
"""The condition of what mail by SES needs."""
KINDS = {
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues"),
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics"),
}


def policy_of(template: Template, kind: str, name: str) -> Any:
    """The one policy of a queue or topic."""
    policy, of = KINDS[kind]
    (found,) = (
        resource
        for resource in template.body["Resources"].values()
        if resource["Type"] == policy and {"Ref": name} in resource["Properties"][of]
    )
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_queue_and_topic_refuses_plain_http_on_aws(template: Template, kind: str) -> None:
    names = template.of_type(kind)
    assert len(names) >= 2
    for name in names:
        policy = policy_of(template, kind, name)
        refusal = on_aws(policy["Properties"]["PolicyDocument"]["Statement"][0])
        assert refusal["Effect"] == "Deny"
        assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert refusal["Principal"] in ("*", {"AWS": "*"})


@pytest.mark.parametrize("kind", KINDS)
def test_elsewhere_nothing_is_left_of_that(template: Template, kind: str) -> None:
    """The embedded AWS speaks plain HTTP."""
    for name in template.of_type(kind):
        policy = policy_of(template, kind, name)
        first, *others = policy["Properties"]["PolicyDocument"]["Statement"]
        if policy.get("Condition") == MAIL:  # no topic without an identity of SES
            assert template.body["Parameters"]["EmailIdentity"]["Default"] == ""
        elif others:
            assert first["Fn::If"][::2] == ["OnAws", {"Ref": "AWS::NoValue"}]
            assert "Condition" not in policy
        else:
            assert policy["Condition"] == "OnAws"


def test_alarms_of_this_account_may_notify(template: Template) -> None:
    topic = template.body["Outputs"]["AlarmTopicArn"]["Value"]["Ref"]
    policy = policy_of(template, "AWS::SNS::Topic", topic)["Properties"]["PolicyDocument"]
    by_service = {
        one["Principal"]["Service"]: one for one in policy["Statement"] if "Principal" in one
    }
    allow = by_service["cloudwatch.amazonaws.com"]
    assert allow["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_a_queue_without_the_demand_is_no_part_of_a_stack() -> None:
    stack = Stack(App(), "S")
    condition = CfnCondition(stack, "OnAws", expression=Fn.condition_equals("a", "b"))
    sqs.Queue(stack, "queue")
    with pytest.raises(RuntimeError, match="Policy"):
        demand(stack, condition)
