"""Posts the messages of the topic to every WebSocket client."""

import json
from functools import cache

from signalengine_aws.application.broadcast import Broadcast
from signalengine_aws.application.post_messages import PostMessages
from signalengine_aws.messaging.posters import LambdaPosters
from signalengine_aws.messaging.records import Event
from signalengine_aws.messaging.sns import traced_in
from signalengine_aws.messaging.websockets import ApiSockets, endpoint
from signalengine_aws.runtime import clients, config
from signalengine_aws.runtime.api_token import access
from signalengine_aws.runtime.observability import invocation
from signalengine_aws.stores.connections import DynamoConnections


@cache
def broadcast() -> Broadcast:
    env = config.load(config.Broadcast)
    url = endpoint(env.execute_api_base, env.aws_region, env.websocket_api_id, env.websocket_stage)
    connections = DynamoConnections(env.connections_table)
    sockets = ApiSockets(clients.sockets(url))
    return Broadcast(
        connections=connections,
        posting=PostMessages(connections=connections, sockets=sockets),
        posters=LambdaPosters(env.post_messages),
        access=access(env.api_secret_arn, env.public_api),
    )


def handler(event: Event, context: object) -> None:
    with invocation(context) as line:
        post, held_back = broadcast().broadcast, 0
        for record in event["Records"]:
            message = json.loads(record["Sns"]["Message"])
            if found := traced_in(message):
                line.trace(*found)
            posted = post(message)
            line.count(
                sent=posted.sent,
                gone=posted.gone,
                failed=posted.failed,
                refused=posted.refused,
                passed_on=posted.passed_on,
            )
            held_back += posted.held_back
        line.routine(messages=len(event["Records"]), held_back=held_back)
