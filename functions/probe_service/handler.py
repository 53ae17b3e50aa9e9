"""Uses the service as its clients do, every five minutes; fails when they could not."""

from functools import cache

from signalengine_aws.application.probe_service import ProbeService
from signalengine_aws.messaging.http_client import read_document
from signalengine_aws.messaging.records import Event
from signalengine_aws.messaging.websocket_client import WebsocketClient
from signalengine_aws.runtime import config
from signalengine_aws.runtime.api_token import PROBE_HEADER, token_of
from signalengine_aws.runtime.observability import invocation
from signalengine_aws.stores.state import DynamoFeed


@cache
def probe_service() -> ProbeService:
    env = config.load(config.ProbeService)
    return ProbeService(
        connect=lambda: WebsocketClient(env.websocket_url),
        health=lambda: read_document(
            f"{env.http_url}/health", headers={PROBE_HEADER: env.front_key}
        ),
        token=token_of(env.api_secret_arn),
        probes=DynamoFeed(env.state_table),
    )


def handler(_: Event, context: object) -> None:
    with invocation(context) as line:
        probe_service().probe(line)
