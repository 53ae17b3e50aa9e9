"""The HTTP API: health, signals, their statistics, symbols."""

from functools import cache
from typing import Any

from signalengine.policy import default_policy
from signalengine_aws import config
from signalengine_aws.api import routes
from signalengine_aws.observability import invocation
from signalengine_aws.performance import DynamoPerformance
from signalengine_aws.records import Event
from signalengine_aws.serving import Serving
from signalengine_aws.signals import DynamoSignals
from signalengine_aws.state import DynamoFeed


@cache
def serving() -> Serving:
    env = config.load(config.ServeApi)
    return Serving(
        feed=DynamoFeed(env.state_table),
        signals=DynamoSignals(env.signals_table),
        performance=DynamoPerformance(env.performance_table),
        policy=default_policy(),
        code_version=env.code_version,
    )


api = routes(serving)


def handler(event: Event, context: Any) -> dict[str, Any]:
    with invocation(context) as line:
        serving()  # without its environment it fails, rather than answer that it did
        answer = api.resolve(event, context)
        line.note(path=event.get("rawPath"), status=answer["statusCode"])
        return answer
