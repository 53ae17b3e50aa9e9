"""The alarms: their cost, their resources, and their sections in the runbook."""

import re

import pytest
from signalengine_aws.costs import fixed_costs

from infra.assets import ROOT
from infra.parts.alarms import ROWS, Row
from tests.infra.template import Resource, Template

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", RUNBOOK, re.DOTALL | re.MULTILINE))


def alarms(template: Template) -> dict[str, Resource]:
    """Properties of every alarm by its row's name."""
    found = template.of_type("AWS::CloudWatch::Alarm").values()
    return {alarm["AlarmName"].removeprefix("SignalEngine-"): alarm for alarm in found}


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
    for name in re.findall(r"in (.*); do", RUNBOOK)[0].split():
        assert any(one.startswith(name) for one in resources), name


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_is_an_alarm_that_notifies_the_topic(template: Template, row: Row) -> None:
    alarm = alarms(template)[row.name]
    assert alarm["Threshold"] == row.threshold
    assert alarm["EvaluationPeriods"] == row.minutes
    assert alarm["AlarmDescription"].endswith(f"docs/runbook.md#{row.name.lower()}")
    assert alarm["AlarmActions"] == [template.body["Outputs"]["AlarmTopicArn"]["Value"]]
    periods = {alarm.get("Period")} | {
        one["MetricStat"]["Period"] for one in alarm.get("Metrics", []) if "MetricStat" in one
    }
    assert periods - {None} == {60}


def test_alarms_exist_on_aws_only_and_the_email_only_with_an_address(template: Template) -> None:
    for resource in template.body["Resources"].values():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            assert resource["Condition"] == "OnAws"
        if resource.get("Properties", {}).get("Protocol") == "email":
            assert resource["Condition"] == "AlarmsByEmail"
            assert resource["Properties"]["Endpoint"] == {"Ref": "AlarmEmail"}
    assert template.body["Parameters"]["AlarmEmail"]["Default"] == ""


def test_alarms_read_metrics_that_the_stack_writes(template: Template) -> None:
    """A wrong dimension would leave an alarm without data for ever."""
    late = alarms(template)["FeedLate"]
    assert (late["Namespace"], late["MetricName"]) == ("SignalEngine", "FeedLag")
    assert late["Dimensions"] == [{"Name": "service", "Value": "compute_features"}]
    assert "compute_features" in template.functions()
    assert late["TreatMissingData"] == "breaching"
    stopped = alarms(template)["IngestStopped"]
    assert (stopped["MetricName"], stopped["Statistic"]) == ("CPUUtilization", "SampleCount")
    assert stopped["TreatMissingData"] == "breaching"


def test_the_alarms_stay_within_those_that_are_free(template: Template) -> None:
    """An expression counts each metric that it reads."""
    metrics = sum(
        len([one for one in alarm.get("Metrics", [0]) if one == 0 or "MetricStat" in one])
        for alarm in alarms(template).values()
    )
    assert 0 < metrics <= fixed_costs.FREE_ALARM_METRICS
