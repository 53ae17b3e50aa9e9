"""Passes what the topic says on to every WebSocket client."""

import json
from functools import cache

from signalengine_aws import clients, config
from signalengine_aws.access import access
from signalengine_aws.broadcasting import Broadcasting
from signalengine_aws.connections import DynamoConnections
from signalengine_aws.observability import invocation
from signalengine_aws.records import Event
from signalengine_aws.sockets import ApiSockets, endpoint


@cache
def broadcasting() -> Broadcasting:
    env = config.load(config.Broadcast)
    url = endpoint(env.execute_api_base, env.aws_region, env.websocket_api_id, env.websocket_stage)
    connections = DynamoConnections(env.connections_table)
    return Broadcasting(
        connections=connections,
        sockets=ApiSockets(clients.sockets(url)),
        access=access(env.api_secret_arn),
    )


def handler(event: Event, context: object) -> None:
    with invocation(context) as line:
        pass_on = broadcasting().broadcast
        for record in event["Records"]:
            posted = pass_on(json.loads(record["Sns"]["Message"]))
            line.count(
                messages=1,
                sent=posted.sent,
                gone=posted.gone,
                failed=posted.failed,
                held_back=posted.held_back,
                refused=posted.refused,
            )
