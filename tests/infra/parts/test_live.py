"""Delivery to WebSocket clients."""

from tests.infra.template import Template


def test_the_broadcast_receives_every_message(template: Template) -> None:
    (subscription,) = (
        one
        for one in template.of_type("AWS::SNS::Subscription").values()
        if one["Protocol"] == "lambda"
        and template.function_of(one["Endpoint"]["Fn::GetAtt"][0]) == "broadcast"
    )
    assert "FilterPolicy" not in subscription


def test_a_status_that_is_a_minute_old_is_not_broadcast(template: Template) -> None:
    (config,) = (
        one
        for one in template.of_type("AWS::Lambda::EventInvokeConfig").values()
        if template.function_of(one["FunctionName"]["Ref"]) == "broadcast"
    )
    assert config["MaximumEventAgeInSeconds"] == 60
