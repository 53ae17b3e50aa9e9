"""Targets of schedules, and what they are invoked with: the same from every implementation."""

import json
from typing import Any, Final

from infra.local.chaos.model.services.scheduler import event_of, target
from infra.names import SCHEDULED

ROLE: Final = "arn:aws:iam::000000000000:role/schedule"
OTHERS: Final = ({}, {"text": "„ä“ 币", "rows": [{"n": 1.5}, None, []]}, {"Input": "{}"})
"""Inputs that nothing here uses: what is sent is no matter of its form."""
LONGEST_S: Final = 60


def compare_inputs(scheduler: Any, sqs: Any) -> None:
    """Check that another implementation sends the events that the model does."""
    targets = [target(one) for one in SCHEDULED]
    targets += [{"Input": json.dumps(one, ensure_ascii=False)} for one in OTHERS]
    queue = sqs.create_queue(QueueName="scheduled")["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    for number, one in enumerate(targets):
        scheduler.create_schedule(
            Name=f"once{number}",
            ScheduleExpression="at(2025-05-19T00:00:00)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": answer["Attributes"]["QueueArn"], "RoleArn": ROLE, **one},
        )
    assert sorted(_received(sqs, queue, len(targets)), key=repr) == sorted(
        map(event_of, targets), key=repr
    )


def _received(sqs: Any, queue: str, count: int) -> list[Any]:
    """Return the events that arrive: schedules that are due are looked for every ten seconds."""
    found: list[Any] = []
    for _ in range(LONGEST_S):
        if len(found) >= count:
            break
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        found += [json.loads(one["Body"]) for one in answer.get("Messages", ())]
    return found
