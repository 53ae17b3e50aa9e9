"""send_telegram: the messages of the Telegram queue are delivered, each once to each chat."""

from collections.abc import Callable
from functools import cache

from ..channels.telegram.channel import TelegramChannel
from ..channels.telegram.config import SendTelegram
from ..channels.telegram.limits import INSTANCES, PER_SECOND
from ..channels.telegram.wiring import client_of, secret_of
from ..delivery.deliveries import DynamoDeliveries
from ..delivery.notifier import Notifier
from ..delivery.queue import QueueMessage, SqsQueue
from ..delivery.results import Round, deliver_all
from ..delivery.sender import Gate
from ..delivery.subscriptions import DynamoSubscriptions
from ..runtime import clients
from ..runtime.clock import wall_ms
from ..runtime.config import load


def send_all(messages: list[QueueMessage], time_left_ms: Callable[[], int]) -> Round:
    """Deliver the messages of one invocation; returns which of them stay in the queue, and counts.

    `time_left_ms` returns the ms that are left of the invocation.
    """
    deliveries = deliveries_of(_config().deliveries_table)
    try:
        return deliver_all(messages, notifier(time_left_ms).prepare, TelegramChannel.name)
    finally:
        deliveries.count()


def notifier(time_left_ms: Callable[[], int]) -> Notifier:
    """Return this invocation's notifier, with the bot and the chat that the secret names now."""
    config = _config()
    secret = secret_of(config.telegram_secret_arn)()
    bot = client_of(secret, config.telegram_api_base) if secret.token else None
    return Notifier(
        channels=[
            TelegramChannel(
                bot,
                credentials=bot.credentials if bot else "",
                dashboard=config.dashboard_url,
                spacing_ms=config.spacing_ms,
            )
        ],
        deliveries=deliveries_of(config.deliveries_table),
        subscriptions=DynamoSubscriptions(config.subscriptions_table, home=secret.home),
        queue=SqsQueue(
            clients.sqs(),
            config.telegram_queue_url,
            config.telegram_dead_letter_url,
            function="send_telegram",
        ),
        home=secret.home,
        key=secret.public_id_key,
        paced=config.telegram_pace == "normal",
        digest_after_s=config.digest_after_s,
        gate=gate() if config.telegram_pace == "normal" else None,
        clock=wall_ms,
        time_left_ms=time_left_ms,
    )


@cache
def gate() -> Gate:
    """Return this process's part of what Telegram accepts from the bot."""
    return Gate(PER_SECOND / INSTANCES)


@cache
def _config() -> SendTelegram:
    return load(SendTelegram)


@cache
def deliveries_of(table: str) -> DynamoDeliveries:
    return DynamoDeliveries(table)
