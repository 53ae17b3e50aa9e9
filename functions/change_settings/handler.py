"""The operator's endpoints: sets in shadow, subscribers and alarms, by the operator's token."""

from functools import cache
from typing import Any

from signalengine_aws.api.operator_services import OperatorServices
from signalengine_aws.application.change_settings import OperatorApi
from signalengine_aws.messaging.records import Event
from signalengine_aws.runtime import config
from signalengine_aws.runtime.observability import invocation


@cache
def services() -> OperatorServices:
    return OperatorServices(config.load(config.ChangeSettings))


api = OperatorApi(services)


def handler(event: Event, context: Any) -> dict[str, Any]:
    with invocation(context) as line:
        services()  # raises without its environment, before a route can answer
        answer = api.answer(event)
        line.note(path=event.get("rawPath"), status=answer["statusCode"])
        return answer
