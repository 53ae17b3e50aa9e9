"""The dashboard in CloudWatch."""

import json
from typing import Any

from signalengine_aws.costs import fixed_costs
from signalengine_aws.runtime.observability import METRICS

from infra.parts.watching.alarms import ROWS
from ingest_task.metrics import EMF
from tests.infra.template import Template, flat


def metrics(template: Template) -> list[list[Any]]:
    """What every graph shows."""
    (found,) = template.of_type("AWS::CloudWatch::Dashboard").values()
    parts = found["DashboardBody"]["Fn::Join"][1]
    text = "".join(one if isinstance(one, str) else "resource" for one in parts)
    widgets = json.loads(text)["widgets"]
    return [one for widget in widgets for one in widget["properties"].get("metrics", [])]


def test_there_is_one_on_aws_with_every_alarm(template: Template) -> None:
    (resource,) = [
        one
        for one in template.body["Resources"].values()
        if one["Type"] == "AWS::CloudWatch::Dashboard"
    ]
    assert resource["Condition"] == "OnAws"
    text = flat(resource["Properties"])
    missing = [row for row in ROWS if f"Alarms{row.name}" not in text]
    assert all(row.of_channels for row in missing), "an alarm that may not exist has no place"


def test_it_has_no_more_metrics_than_are_free(template: Template) -> None:
    assert 20 < len(metrics(template)) <= fixed_costs.FREE_DASHBOARD_METRICS


def test_it_shows_metrics_that_are_written(template: Template) -> None:
    ours = [one for one in metrics(template) if one[0] == "SignalEngine"]
    found = {(one[1], one[3]) for one in ours if len(one) > 3}
    assert found == {
        ("FeedSilence", "ingest_task"),
        ("PublicationLag", "publish_signals"), ("HeartbeatAge", "probe_service"),
        ("OldestMessage", "send_telegram"),
    }  # fmt: skip
    assert {name for name, _ in found} <= {*METRICS, *EMF}
