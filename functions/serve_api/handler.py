"""The HTTP API: everything that is stored and may be known, as JSON."""

from functools import cache
from typing import Any

from signalengine_aws import config
from signalengine_aws.http.api import Api
from signalengine_aws.http.services import Services
from signalengine_aws.observability import invocation
from signalengine_aws.records import Event


@cache
def services() -> Services:
    return Services(config.load(config.ServeApi))


api = Api(services)


def handler(event: Event, context: Any) -> dict[str, Any]:
    with invocation(context) as line:
        services()  # without its environment it fails, rather than answer that it did
        answer = api.answer(event, context)
        line.note(path=event.get("rawPath"), status=answer["statusCode"])
        return answer
