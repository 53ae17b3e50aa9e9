"""The schedules of the account in memory are those of the template."""

import json

from infra.local.chaos.model.services.scheduler import event_of, target
from infra.names import SCHEDULED
from tests.infra.template import Template


def test_a_function_gets_what_its_schedule_in_the_template_sends(template: Template) -> None:
    for schedule in template.of_type("AWS::Scheduler::Schedule").values():
        function = template.function_of(schedule["Target"]["Arn"]["Fn::GetAtt"][0])
        if function in SCHEDULED:
            assert target(function)["Input"] == json.dumps(json.loads(schedule["Target"]["Input"]))
            assert event_of(schedule["Target"]) == SCHEDULED[function]
