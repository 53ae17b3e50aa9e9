"""Posts one message to a part of the WebSocket clients."""

from functools import cache

from signalengine_aws.application.post_messages import PostMessages
from signalengine_aws.messaging.posters import from_event
from signalengine_aws.messaging.records import Event
from signalengine_aws.messaging.websockets import ApiSockets, endpoint
from signalengine_aws.runtime import clients, config
from signalengine_aws.runtime.observability import invocation
from signalengine_aws.stores.connections import DynamoConnections


@cache
def post_messages() -> PostMessages:
    env = config.load(config.PostMessages)
    url = endpoint(env.execute_api_base, env.aws_region, env.websocket_api_id, env.websocket_stage)
    return PostMessages(
        connections=DynamoConnections(env.connections_table),
        sockets=ApiSockets(clients.sockets(url)),
    )


def handler(event: Event, context: object) -> None:
    with invocation(context) as line:
        posted = post_messages().post(*from_event(event))
        line.count(sent=posted.sent, gone=posted.gone, failed=posted.failed)
