"""Delivers the messages of the queue of channels, each once to each address, at its pace.

A message that has to wait is returned as failed, so that it stays in the queue, and is hidden for
as long as it waits. A failure of one message does not affect the others.
"""

from typing import Any

from signalengine_aws.application.send_channels import send_all
from signalengine_aws.delivery.queue import read_records, traced_messages
from signalengine_aws.delivery.results import longest_wait_s
from signalengine_aws.runtime.clock import wall_ms
from signalengine_aws.runtime.observability import invocation


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    with invocation(context) as line:
        messages = read_records(event)
        for found in traced_messages(messages):
            line.trace(*found)
        round_ = send_all(messages, context.get_remaining_time_in_millis)
        line.count(**round_.counts)
        line.note(latency_ms=round_.latency_ms, errors=round_.errors or None)
        line.measure("OldestMessage", longest_wait_s(messages, round_.held_up, wall_ms()))
        for name, value in round_.metrics.items():
            line.measure(name, value)
        return {"batchItemFailures": [{"itemIdentifier": one} for one in round_.retained]}
