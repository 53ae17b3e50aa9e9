"""Web Push: browsers that subscribe, change what they receive, and leave."""

from typing import Any

from signalengine_aws.application.answer_push import api
from signalengine_aws.messaging.records import Event
from signalengine_aws.runtime.observability import invocation


def handler(event: Event, context: Any) -> dict[str, Any]:
    with invocation(context) as line:
        answer = api().answer(event)
        line.note(path=event.get("rawPath"), status=answer["statusCode"])
        return answer
