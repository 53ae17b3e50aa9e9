"""The alarms of the stack as CloudWatch has them; none on a machine without CloudWatch."""

import re
from typing import Any, Final

from ...runtime.aws_errors import mapped

MOST: Final = 100
_SEE: Final = re.compile(r"^(?P<about>.*)\. See (?P<runbook>\S+)$")


def alarms(client: Any, prefix: str) -> list[dict[str, Any]]:
    """Return the alarms whose names begin with a prefix, those that fire first.

    Raises TransientError or PermanentError.
    """
    with mapped("describe alarms"):
        found = client.describe_alarms(AlarmNamePrefix=prefix, MaxRecords=MOST)["MetricAlarms"]
    rows = [_row(one, prefix) for one in found]
    return sorted(rows, key=lambda row: (row["state"] != "alarm", row["name"]))


def _row(one: Any, prefix: str) -> dict[str, Any]:
    description = one.get("AlarmDescription", "")
    parts = _SEE.match(description)
    beyond = "below" if "Less" in one["ComparisonOperator"] else "above"
    seconds = int(one.get("Period") or 60)
    return {
        "name": one["AlarmName"].removeprefix(prefix),
        "about": description if parts is None else parts["about"],
        "threshold": f"{beyond} {one['Threshold']:g} in {one.get('DatapointsToAlarm') or 1} of "
        f"{one['EvaluationPeriods']} × {seconds // 60} min",
        "state": {"OK": "ok", "ALARM": "alarm"}.get(one["StateValue"], "unknown"),
        "since": int(one["StateUpdatedTimestamp"].timestamp() * 1000),
        "runbook": "" if parts is None else parts["runbook"],
    }
