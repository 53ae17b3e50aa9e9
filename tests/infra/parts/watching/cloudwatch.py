"""CloudWatch as far as the alarms need it: metrics from logs, and when an alarm fires."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Alarm = Mapping[str, Any]


def fires(alarm: Alarm, points: Sequence[float | None]) -> bool:
    """Whether an alarm fires on its newest data points, one a period; None is missing.

    As CloudWatch's documentation has it: M of the last N, and missing ones count as
    `TreatMissingData` says.
    """
    beyond = {
        "GreaterThanThreshold": lambda value: value > alarm["Threshold"],
        "LessThanThreshold": lambda value: value < alarm["Threshold"],
    }[alarm["ComparisonOperator"]]
    missing = {"breaching": True, "notBreaching": False}[alarm["TreatMissingData"]]
    newest = list(points)[-alarm["EvaluationPeriods"] :]
    newest = [None] * (alarm["EvaluationPeriods"] - len(newest)) + newest
    breaching = [missing if value is None else beyond(value) for value in newest]
    return sum(breaching) >= alarm["DatapointsToAlarm"]


def embedded(log: str, metric: str) -> list[float]:
    """The values of a metric that lines of a log embed (EMF), one a line."""
    found: list[float] = []
    for line in log.splitlines():
        raw = json.loads(line) if line.startswith("{") else {}
        for directive in raw.get("_aws", {}).get("CloudWatchMetrics", []):
            if metric in {one["Name"] for one in directive["Metrics"]}:
                assert directive["Namespace"] == "SignalEngine"
                value = raw[metric]
                found.append(max(value) if isinstance(value, list) else value)
    return found


def filtered(log: str, patterns: Iterable[str]) -> int:
    """How many lines of a log the metric filters count: `{ $.name = "text" }` or `?"a" ?"b"`."""
    return sum(_matches(line, pattern) for line in log.splitlines() for pattern in patterns)


def _matches(line: str, pattern: str) -> bool:
    by_field = re.fullmatch(r'\{ \$\.(\w+) = "([^"]*)" \}', pattern)
    if by_field is None:
        terms = re.findall(r'\?"([^"]+)"', pattern)
        assert " ".join(f'?"{term}"' for term in terms) == pattern
        return any(term in line for term in terms)
    try:
        raw = json.loads(line)
    except ValueError:
        return False
    return isinstance(raw, dict) and raw.get(by_field[1]) == by_field[2]


def selected(query: str, lines: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The lines that the `filter` of a saved query selects: `name like /expression/`, by `and`."""
    (rule,) = re.findall(r"^\| filter (.*)$", query, re.MULTILINE)
    terms = [re.fullmatch(r"(\w+) like /(.+)/", term) for term in rule.split(" and ")]
    named = [(term[1], term[2]) for term in terms if term is not None]
    assert len(named) == len(terms), rule
    return [
        line
        for line in lines
        if all(re.search(expression, str(line.get(name, ""))) for name, expression in named)
    ]
