"""The queue of all channels but Telegram: read where there are destinations, by a few at a time."""

from typing import Any

from signalengine_aws.channels.push.contacts import BUCKET
from signalengine_aws.channels.push.subscribing import MAX_BROWSERS
from signalengine_aws.costs import public
from signalengine_aws.delivery.subscriptions import bucket_of
from signalengine_aws.runtime.channels import APART
from signalengine_aws.stores.alerts import BROWSERS as ALERTS
from signalengine_aws.stores.items.state import CONTRACTS_KEY, HEARTBEAT_KEY

from infra.cli.channels.store import RETENTION_S
from infra.parts.channel import BROWSER_ALERTS
from infra.parts.channels import AT_ONCE, BROWSERS, PREFERENCES, PRICES
from tests.infra.template import Template, listed
from tests.infra.test_rights import statement_owner


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
    assert found == [{"Fn::If": ["ChannelsAreServed", RETENTION_S, 900]}]


def test_it_reads_the_destinations_and_links_the_dashboard(template: Template) -> None:
    variables = template.functions()["send_channels"]["Environment"]["Variables"]
    assert variables["CHANNELS_SECRET_ARN"] == {"Ref": "SecretsChannels"}
    assert "DASHBOARD_URL" in variables


def test_browsers_subscribe_by_a_function_that_reaches_nothing_of_chats(
    template: Template,
) -> None:
    assert (BUCKET, bucket_of("push:any")) == (BROWSERS, PREFERENCES)
    assert (ALERTS, (HEARTBEAT_KEY, CONTRACTS_KEY)) == (BROWSER_ALERTS, PRICES)
    assert PREFERENCES in APART
    assert bucket_of("telegram:-1001") not in {*APART, BUCKET}
    found: dict[str, list[Any]] = {}
    for _, statement in template.statements():
        if statement_owner(template, statement) != "answer_push":
            continue
        for action in listed(statement["Action"]):
            if action.startswith("dynamodb:"):
                limit = statement.get("Condition", {}).get("ForAllValues:StringEquals", {})
                keys = limit.get("dynamodb:LeadingKeys")
                found.setdefault(action.partition(":")[2], []).append(keys)
    assert found == {
        "Query": [[BUCKET, ALERTS]], "DeleteItem": [[BUCKET, ALERTS]], "UpdateItem": [None],
        "GetItem": [[BUCKET, PREFERENCES], [*PRICES]],
        "PutItem": [[BUCKET, PREFERENCES, ALERTS]],
    }  # fmt: skip


def test_as_many_browsers_are_priced_as_may_subscribe() -> None:
    assert public.BROWSERS == MAX_BROWSERS
