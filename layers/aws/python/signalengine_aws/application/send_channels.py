"""send_channels: the messages of the queue of channels are delivered, each once to each address."""

from collections.abc import Callable
from functools import cache

from ..channels.config import SendChannels
from ..channels.http.client import OutboundClient
from ..channels.wiring import Outside, channels
from ..delivery.deliveries import DynamoDeliveries
from ..delivery.destinations import Destinations
from ..delivery.notifier import Notifier
from ..delivery.queue import QueueMessage, SqsQueue
from ..delivery.results import Report, Result, Round, deliver_all
from ..delivery.subscriptions import DynamoSubscriptions
from ..runtime import clients
from ..runtime.channels import QUEUES
from ..runtime.clock import wall_ms
from ..runtime.config import load
from ..runtime.secrets import secret_text

QUEUE = "channels"
EVENT_OF_SES = '"eventType"'
"""In the body of every report of SES, which comes by the same queue."""


def send_all(messages: list[QueueMessage], time_left_ms: Callable[[], int]) -> Round:
    """Deliver the messages of one invocation; returns which of them stay in the queue, and counts.

    `time_left_ms` returns the ms that are left of the invocation.
    """
    deliveries = deliveries_of(_config().deliveries_table)
    try:
        prepare = notifier(time_left_ms).prepare
        return deliver_all(messages, lambda one: _reported(one) or prepare(one), QUEUE)
    finally:
        deliveries.count()


def _reported(message: QueueMessage) -> Report | None:
    """Apply a report of SES about a mail; None for a message that is to be delivered."""
    if EVENT_OF_SES not in message.body:
        return None
    from ..channels.email.wiring import feedback_handler

    config = _config()
    handler = feedback_handler(deliveries_of(config.deliveries_table), config.subscriptions_table)
    return Report(Result.APPLIED) if handler.apply(message.body) else None


def notifier(time_left_ms: Callable[[], int]) -> Notifier:
    """Return this invocation's notifier, with the destinations that the secret names now."""
    config = _config()
    destinations = destinations_of(config.channels_secret_arn)
    outside = Outside(
        destinations,
        client_of(config.channels_secret_arn),
        wall_ms,
        dashboard=config.dashboard_url,
        subscriptions_table=config.subscriptions_table,
    )
    return Notifier(
        channels=channels(outside),
        deliveries=deliveries_of(config.deliveries_table),
        subscriptions=DynamoSubscriptions(config.subscriptions_table),
        queue=SqsQueue(
            clients.sqs(),
            config.channels_queue_url,
            config.channels_dead_letter_url,
            function="send_channels",
        ),
        home=None,
        key=destinations.public_id_key,
        paced=config.channels_pace == "normal",
        digest_after_s=int(config.channels_digest_after_s),
        clock=wall_ms,
        time_left_ms=time_left_ms,
    )


@cache
def _config() -> SendChannels:
    return load(SendChannels)


@cache
def client_of(arn: str) -> OutboundClient:
    """Return what sends requests; a destination is found together with the hosts opened for it."""
    return OutboundClient(allowed=lambda: destinations_of(arn).allowed)


@cache
def destinations_of(arn: str) -> Destinations:
    return Destinations(lambda: secret_text(arn))


@cache
def deliveries_of(table: str) -> DynamoDeliveries:
    return DynamoDeliveries(table, audiences=QUEUES[QUEUE])
