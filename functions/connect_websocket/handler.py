"""Serves WebSocket clients: registers them, sends what they missed, and removes them."""

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
def connect_websocket() -> ConnectWebsocket:
    env = config.load(config.ConnectWebsocket)
    url = endpoint(env.execute_api_base, env.aws_region, env.websocket_api_id, env.websocket_stage)
    return ConnectWebsocket(
        connections=DynamoConnections(env.connections_table),
        signals=DynamoSignals(env.signals_table),
        sockets=ApiSockets(clients.sockets(url)),
        access=access(env.api_secret_arn, env.public_api),
        most=int(env.max_connections),
    )


def handler(event: Event, context: object) -> dict[str, Any]:
    with invocation(context) as line:
        service, where = connect_websocket(), event["requestContext"]
        route, connection_id = where["routeKey"], where["connectionId"]
        line.note(route=route)
        try:
            if route == "$connect":
                accepted = service.connect(connection_id)
                line.note(accepted=accepted)
                return {"statusCode": 200 if accepted else 503}
            if route == "$disconnect":
                service.leave(connection_id)
            else:
                line.count(posted=service.serve(connection_id, event.get("body")))
        except GoneError:
            service.leave(connection_id)
        return {"statusCode": 200}
