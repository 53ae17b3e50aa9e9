"""Greets WebSocket clients that send nothing: registers them, and posts `connected`."""

from functools import cache

from signalengine_aws.application.greet_clients import GreetClients
from signalengine_aws.messaging.records import Event, changes
from signalengine_aws.messaging.websockets import ApiSockets, endpoint
from signalengine_aws.runtime import clients, config
from signalengine_aws.runtime.api_token import access
from signalengine_aws.runtime.observability import invocation
from signalengine_aws.stores.connections import DynamoConnections


@cache
def greet_clients() -> GreetClients:
    env = config.load(config.GreetClients)
    url = endpoint(env.execute_api_base, env.aws_region, env.websocket_api_id, env.websocket_stage)
    return GreetClients(
        connections=DynamoConnections(env.connections_table),
        sockets=ApiSockets(clients.sockets(url)),
        access=access(env.api_secret_arn, env.public_api),
    )


def handler(event: Event, context: object) -> None:
    with invocation(context) as line:
        greet_clients().greet_all(changes(event), line)
