"""Answers the questions of WebSocket clients, piece by piece."""

from functools import cache
from typing import Any

from signalengine_aws.api.reading import reading
from signalengine_aws.application.answer_chat import AnswerChat
from signalengine_aws.chat.wiring import rate_limited_chat
from signalengine_aws.messaging.records import Event
from signalengine_aws.messaging.websockets import ApiSockets, GoneError, endpoint
from signalengine_aws.runtime import clients, config
from signalengine_aws.runtime.api_token import access
from signalengine_aws.runtime.observability import invocation
from signalengine_aws.stores.connections import DynamoConnections
from signalengine_aws.stores.rate_limits import network


@cache
def answer_chat() -> AnswerChat:
    env = config.load(config.AnswerChat)
    url = endpoint(env.execute_api_base, env.aws_region, env.websocket_api_id, env.websocket_stage)
    return AnswerChat(
        chat=rate_limited_chat(reading()),
        connections=DynamoConnections(env.connections_table),
        sockets=ApiSockets(clients.sockets(url)),
        access=access(env.api_secret_arn, env.public_api),
    )


def handler(event: Event, context: object) -> dict[str, Any]:
    with invocation(context) as line:
        chat, where = answer_chat(), event["requestContext"]
        caller = network(where.get("identity", {}).get("sourceIp") or where["connectionId"])
        try:
            line.note(source=chat.serve(where["connectionId"], caller, event.get("body")))
        except GoneError:
            line.note(source="gone")
        return {"statusCode": 200}
