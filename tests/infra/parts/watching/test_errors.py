"""The errors of all functions, from their logs."""

from infra.parts.watching.errors import LAMBDAS_LINES, METRIC, OUR_LINE
from tests.infra.template import Template

from .cloudwatch import filtered


def test_the_log_of_every_function_is_filtered_for_both_kinds_of_lines(template: Template) -> None:
    resources = template.body["Resources"].values()
    filters = [one for one in resources if one["Type"] == "AWS::Logs::MetricFilter"]
    assert {one["Condition"] for one in filters} == {"OnAws"}
    groups = {f["LoggingConfig"]["LogGroup"]["Ref"] for f in template.functions().values()}
    found: dict[str, set[str]] = {group: set() for group in groups}
    for one in filters:
        properties = one["Properties"]
        found[properties["LogGroupName"]["Ref"]].add(properties["FilterPattern"])
        (metric,) = properties["MetricTransformations"]
        assert (metric["MetricNamespace"], metric["MetricName"]) == ("SignalEngine", METRIC)
        assert metric["MetricValue"] == "1"
        assert "DefaultValue" not in metric, "without an error the metric costs nothing"
    (patterns,) = {frozenset(patterns) for patterns in found.values()}
    assert len(patterns) == 2


def test_a_failure_is_counted_once_and_nothing_else_is() -> None:
    terms = " ".join(f'?"{words}"' for words in LAMBDAS_LINES)
    patterns = (OUR_LINE, terms)
    ours = '{"level":"ERROR","service":"x","message":"failed","error":"KeyError: 1"}'
    assert filtered(ours, patterns) == 1
    for words in LAMBDAS_LINES:
        assert filtered(f"2026-11-29 8a5c {words} ...", patterns) == 1
    well = '{"level":"INFO","message":"done"}\n{"level":"WARNING","message":"unreadable"}\nSTART'
    assert filtered(well, patterns) == 0
