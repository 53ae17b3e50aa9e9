"""The alarms: their cost, their resources, and their sections in the runbook."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from signalengine_aws.costs import fixed_costs
from signalengine_aws.runtime.observability import METRICS

from infra.assets import ROOT
from infra.parts.watching.alarms import ROWS, Row
from ingest_task.metrics import EMF
from tests.infra.template import Resource, Template

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", RUNBOOK, re.DOTALL | re.MULTILINE))
VENDED = {
    "AWS/ECS": {"CPUUtilization"},
    "AWS/Lambda": {"IteratorAge", "Throttles"},
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"},
}
"""Metrics that AWS sends by itself, by namespace, as its documentation lists them."""


def alarms(template: Template) -> dict[str, Resource]:
    """Properties of every alarm by its row's name."""
    found = template.of_type("AWS::CloudWatch::Alarm").values()
    return {alarm["AlarmName"].removeprefix("SignalEngine-"): alarm for alarm in found}


def metrics_of(alarm: Resource) -> list[Mapping[str, Any]]:
    """The metrics that an alarm is charged for; an expression counts each that it reads."""
    if "MetricName" in alarm:
        return [alarm]
    return [one["MetricStat"]["Metric"] for one in alarm["Metrics"] if "MetricStat" in one]


def test_every_alarm_has_a_section_in_the_runbook_and_every_section_an_alarm() -> None:
    assert list(SECTIONS) == [row.name for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_section_has_meaning_commands_and_remedy(row: Row) -> None:
    section = SECTIONS[row.name]
    assert "**Meaning:**" in section
    assert "**Look at**" in section
    assert "```bash" in section
    assert "**Do:**" in section


def test_resources_that_the_runbook_names_exist(template: Template) -> None:
    resources, outputs = template.body["Resources"], template.body["Outputs"]
    for name in re.findall(r"resource (\w+)\)", RUNBOOK):
        assert len([one for one in resources if one.startswith(name)]) >= 1, name
    for name in re.findall(r"output (\w+)\)", RUNBOOK):
        assert name in outputs
    for names in re.findall(r"for log in (.*); do", RUNBOOK):
        for name in names.split():
            assert any(one.startswith(name) for one in resources), name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_is_an_alarm_that_notifies_the_topic(template: Template, row: Row) -> None:
    alarm = alarms(template)[row.name]
    assert alarm["Threshold"] == row.threshold
    assert alarm["EvaluationPeriods"] == row.periods
    assert alarm["DatapointsToAlarm"] == (row.of or row.periods)
    assert alarm["Period"] == 60 * row.minutes
    assert alarm["AlarmDescription"].endswith(f"docs/runbook.md#{row.name.lower()}")
    topic = [template.body["Outputs"]["AlarmTopicArn"]["Value"]]
    assert (alarm["AlarmActions"], alarm["OKActions"]) == (topic, topic)


def test_alarms_exist_on_aws_only(template: Template) -> None:
    found = [
        resource
        for resource in template.body["Resources"].values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]
    assert len(found) == len(ROWS)
    extra = ["WatchesChannels"] * sum(row.of_channels for row in ROWS)
    conditions = sorted(resource["Condition"] for resource in found)
    assert conditions == ["OnAws"] * (len(ROWS) - len(extra)) + extra
    assert template.body["Conditions"]["WatchesChannels"] == {
        "Fn::And": [
            {"Fn::Equals": [{"Ref": "ServesChannels"}, "true"]},
            {"Fn::Equals": [{"Ref": "ExecuteApiBase"}, ""]},
        ]
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_alarm_reads_a_metric_that_exists(template: Template, row: Row) -> None:
    """A wrong name or dimension would leave an alarm without data for ever."""
    (metric,) = metrics_of(alarms(template)[row.name])
    given = {one["Name"]: one["Value"] for one in metric.get("Dimensions", [])}
    if metric["Namespace"] != "SignalEngine":
        assert metric["MetricName"] in VENDED[metric["Namespace"]]
        resources = [value for value in given.values() if isinstance(value, dict)]
        assert resources == list(given.values()), "dimensions are names of resources"
    elif given:
        source = EMF if given["service"] == "ingest_task" else METRICS
        assert metric["MetricName"] in source
        assert given["service"] in {*template.functions(), "ingest_task"}
    else:  # of the filters of the functions' logs
        assert metric["MetricName"] == "FunctionErrors"


def test_what_must_not_stand_still_is_missed() -> None:
    """Without a task, or a folded bar, there is no data, which is trouble itself."""
    missed = {row.name for row in ROWS if row.missing.name == "BREACHING"}
    assert missed == {"IngestStopped", "FeedLate"}


def test_the_alarms_stay_within_those_that_are_free(template: Template) -> None:
    """An expression counts each metric that it reads."""
    metrics = {name: len(metrics_of(alarm)) for name, alarm in alarms(template).items()}
    paid = sum(metrics[row.name] for row in ROWS if row.of_channels)
    assert 0 < sum(metrics.values()) - paid <= fixed_costs.FREE_ALARM_METRICS
    assert paid == fixed_costs.CHANNEL_ALARMS
    high_resolution = [one for one in alarms(template).values() if one["Period"] < 60]
    assert high_resolution == [], "these cost three times as much, and none is free"
