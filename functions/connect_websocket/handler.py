"""Serves WebSocket clients: who they are when they speak, what they missed, and when they leave."""

from functools import cache
from typing import Any

from signalengine_aws.application.connect_websocket import ConnectWebsocket
from signalengine_aws.messaging.records import Event
from signalengine_aws.messaging.websockets import ApiSockets, GoneError, endpoint
from signalengine_aws.runtime import clients, config
from signalengine_aws.runtime.api_token import access
from signalengine_aws.runtime.observability import invocation
from signalengine_aws.stores.connections import DynamoConnections
from signalengine_aws.stores.signals import DynamoSignals


@cache
def resuming() -> ConnectWebsocket:
    env = config.load(config.ConnectWebsocket)
    url = endpoint(env.execute_api_base, env.aws_region, env.websocket_api_id, env.websocket_stage)
    return ConnectWebsocket(
        connections=DynamoConnections(env.connections_table),
        signals=DynamoSignals(env.signals_table),
        sockets=ApiSockets(clients.sockets(url)),
        access=access(env.api_secret_arn),
    )


def handler(event: Event, context: object) -> dict[str, Any]:
    with invocation(context) as line:
        live, where = resuming(), event["requestContext"]
        route, connection_id = where["routeKey"], where["connectionId"]
        line.note(route=route)
        try:
            if route == "$default":
                line.count(posted=live.serve(connection_id, event.get("body")))
            elif route == "$disconnect":
                live.leave(connection_id)
        except GoneError:
            live.leave(connection_id)
        return {"statusCode": 200}
