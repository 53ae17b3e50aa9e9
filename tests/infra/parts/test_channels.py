"""The queue of all channels but Telegram: read where there are destinations, by a few at a time."""

from infra.cli.channels.store import KEPT_S
from infra.parts.channels import AT_ONCE
from tests.infra.template import Template


def test_its_queue_is_read_where_there_are_destinations_and_on_an_emulator(
    template: Template,
) -> None:
    found = dict(template.mappings())["send_channels"]
    assert found["ScalingConfig"] == {"MaximumConcurrency": AT_ONCE}
    assert found["Enabled"] == {"Fn::If": ["ChannelsAreServed", True, False]}
    assert template.body["Conditions"]["ChannelsAreServed"] == {
        "Fn::Or": [
            {"Fn::Equals": [{"Ref": "ServesChannels"}, "true"]},
            {"Fn::Not": [{"Fn::Equals": [{"Ref": "ExecuteApiBase"}, ""]}]},
        ]
    }


def test_a_queue_that_is_not_read_does_not_fill(template: Template) -> None:
    found = [
        one["MessageRetentionPeriod"] for one in template.of_type("AWS::SQS::Queue").values()
        if isinstance(one.get("MessageRetentionPeriod"), dict)
    ]  # fmt: skip
    assert found == [{"Fn::If": ["ChannelsAreServed", KEPT_S, 900]}]


def test_it_reads_the_destinations_and_links_the_dashboard(template: Template) -> None:
    variables = template.functions()["send_channels"]["Environment"]["Variables"]
    assert variables["CHANNELS_SECRET_ARN"] == {"Ref": "SecretsChannels"}
    assert "DASHBOARD_URL" in variables
