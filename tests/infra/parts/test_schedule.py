"""What runs every minute."""

import json

from infra.names import SCHEDULED
from tests.infra.template import Template


def test_the_sweep_and_the_republication_run_every_minute(template: Template) -> None:
    found = template.of_type("AWS::Scheduler::Schedule").values()
    schedules = [s for s in found if s["ScheduleExpression"] == "rate(1 minute)"]
    inputs = {
        template.function_of(s["Target"]["Arn"]["Fn::GetAtt"][0]): json.loads(s["Target"]["Input"])
        for s in schedules
    }
    assert inputs == SCHEDULED
    assert inputs == {"track_signals": {"sweep": True}, "publish_signals": {"republish": True}}
