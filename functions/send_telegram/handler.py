"""Sends what the Telegram queue holds, each message once and at the chat's pace.

A message that has to wait is reported as failed, so that it stays in the queue, and is hidden for
as long as it waits. One message's trouble is not another's.
"""

from typing import Any

from signalengine_aws.application.send_telegram import notifier
from signalengine_aws.delivery.queue import read_records
from signalengine_aws.delivery.results import deliver_all
from signalengine_aws.runtime.observability import invocation


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    with invocation(context) as line:
        deliver = notifier(context.get_remaining_time_in_millis).handle
        round_ = deliver_all(read_records(event), deliver)
        line.count(**round_.counts)
        line.note(latency_ms=round_.latency_ms, errors=round_.errors or None)
        for name, value in round_.metrics.items():
            line.measure(name, value)
        return {"batchItemFailures": [{"itemIdentifier": kept} for kept in round_.kept]}
