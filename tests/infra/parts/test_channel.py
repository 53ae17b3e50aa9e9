"""What every delivery channel has: the queue, its subscription and its function."""

import pytest
from signalengine_aws.channels.telegram.limits import INSTANCES
from signalengine_aws.delivery.results import AT_ONCE
from signalengine_aws.runtime.channels import QUEUES

from infra.local.chaos.model.services.account import VISIBILITY_MS
from tests.infra.template import Resource, Template

DAY_S = 24 * 3600


def queue_of(template: Template, channel: str) -> tuple[str, Resource]:
    """Logical id and properties of a channel's queue."""
    variables = template.functions()[f"send_{channel}"]["Environment"]["Variables"]
    name = variables[f"{channel.upper()}_QUEUE_URL"]["Ref"]
    return name, template.of_type("AWS::SQS::Queue")[name]


def test_every_queue_holds_a_message_for_two_weeks(template: Template) -> None:
    for queue in template.of_type("AWS::SQS::Queue").values():
        retention = queue["MessageRetentionPeriod"]
        if isinstance(retention, dict):  # a queue that nothing reads before it is switched on
            retention = retention["Fn::If"][1]
        assert retention == 14 * DAY_S


@pytest.mark.parametrize("channel", QUEUES)
def test_a_message_waits_longer_than_a_send_and_failures_are_not_counted(
    template: Template, channel: str
) -> None:
    _, waiting = queue_of(template, channel)
    timeout = template.functions()[f"send_{channel}"]["Timeout"]
    assert waiting["VisibilityTimeout"] >= 6 * timeout
    assert waiting["VisibilityTimeout"] * 1000 == VISIBILITY_MS  # in schedules of faults
    assert waiting["RedrivePolicy"]["maxReceiveCount"] == 1000
    ((_, mapping),) = ((n, m) for n, m in template.mappings() if n == f"send_{channel}")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("channel", QUEUES)
def test_a_channel_receives_openings_steps_closings_and_its_alerts_only(
    template: Template, channel: str
) -> None:
    name, _ = queue_of(template, channel)
    (subscription,) = (
        one
        for one in template.of_type("AWS::SNS::Subscription").values()
        if one["Endpoint"] == {"Fn::GetAtt": [name, "Arn"]} and "Ref" in one["TopicArn"]
    )
    kinds = ["signal.opened", "signal.progress", "signal.closed"]
    assert subscription["FilterPolicy"] == {"kind": [*kinds, f"alert.{channel}"]}
    assert subscription["RawMessageDelivery"] is True


@pytest.mark.parametrize("channel", QUEUES)
def test_the_api_knows_a_channels_queues(template: Template, channel: str) -> None:
    variables = template.functions()["serve_api"]["Environment"]["Variables"]
    assert variables[f"{channel.upper()}_QUEUE_URL"]["Ref"] == queue_of(template, channel)[0]
    assert f"{channel.upper()}_DEAD_LETTER_URL" in variables


def test_as_many_instances_send_as_share_telegrams_limit(template: Template) -> None:
    (mapping,) = (one for name, one in template.mappings() if name == "send_telegram")
    assert mapping["ScalingConfig"]["MaximumConcurrency"] == INSTANCES
    assert mapping["BatchSize"] <= AT_ONCE
