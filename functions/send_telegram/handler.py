"""Delivers the messages of the Telegram queue, each once to each chat and at the chat's pace.

A message that has to wait is returned as failed, so that it stays in the queue, and is hidden for
as long as it waits. A failure of one message does not affect the others.
"""

from typing import Any

from signalengine_aws.application.send_telegram import send_all
from signalengine_aws.delivery.queue import read_records
from signalengine_aws.runtime.observability import invocation


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    with invocation(context) as line:
        round_ = send_all(read_records(event), context.get_remaining_time_in_millis)
        line.count(**round_.counts)
        line.note(latency_ms=round_.latency_ms, errors=round_.errors or None)
        for name, value in round_.metrics.items():
            line.measure(name, value)
        return {"batchItemFailures": [{"itemIdentifier": one} for one in round_.retained]}
