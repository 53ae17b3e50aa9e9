"""Puts the sender together, once a process where that may be."""

from collections.abc import Callable
from functools import cache

from ..channels.telegram.client import TelegramClient
from ..channels.telegram.config import SecretReader, SendTelegram, TelegramSecret, secret_reader
from ..delivery.deliveries import DynamoDeliveries
from ..delivery.notifier import Notifier
from ..delivery.queue import SqsQueue
from ..delivery.subscriptions import DynamoSubscriptions
from ..runtime import clients
from ..runtime.clock import wall_ms
from ..runtime.config import load


def notifier(time_left_ms: Callable[[], int]) -> Notifier:
    """Return this invocation's notifier, with the bot and the chat that the secret names now."""
    config = _sending()
    secret = secret_of(config.telegram_secret_arn)()
    return Notifier(
        deliveries=deliveries_of(config.deliveries_table),
        subscriptions=DynamoSubscriptions(config.subscriptions_table),
        queue=SqsQueue(clients.sqs(), config.telegram_queue_url, config.telegram_dead_letter_url),
        bot=client_of(secret, config.telegram_api_base) if secret.token else None,
        home=secret.home,
        paced=config.telegram_pace == "normal",
        clock=wall_ms,
        time_left_ms=time_left_ms,
    )


@cache
def _sending() -> SendTelegram:
    return load(SendTelegram)


@cache
def secret_of(arn: str) -> SecretReader:
    return secret_reader(arn)


@cache
def deliveries_of(table: str) -> DynamoDeliveries:
    return DynamoDeliveries(table)


@cache
def client_of(secret: TelegramSecret, base_url: str) -> TelegramClient:
    """Return the client of one token: a new secret gets a new one, the same keeps its lines."""
    return TelegramClient(secret.token, base_url=base_url)
