"""The HTTP API: everything that is stored and public, as JSON."""

from functools import cache
from typing import Any

from signalengine_aws.api.services import Services
from signalengine_aws.application.serve_api import Api
from signalengine_aws.messaging.records import Event
from signalengine_aws.runtime import config
from signalengine_aws.runtime.observability import invocation


@cache
def services() -> Services:
    return Services(config.load(config.ServeApi), config.channel_queues())


api = Api(services)


def handler(event: Event, context: Any) -> dict[str, Any]:
    with invocation(context) as line:
        services()  # raises without its environment, before a route can answer
        answer = api.answer(event)
        line.note(path=event.get("rawPath"), status=answer["statusCode"])
        return answer
