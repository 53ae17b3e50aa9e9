"""Puts the Telegram parts together for their two functions, once a process where that may be."""

from collections.abc import Callable
from functools import cache

from signalengine.policy import default_policy

from . import clients
from .answers import Answers
from .clock import wall_ms
from .config import load
from .deliveries import DynamoDeliveries
from .notifier import Notifier
from .performance import DynamoPerformance
from .serving import Serving
from .signals import DynamoSignals
from .state import DynamoFeed
from .telegram import TelegramClient
from .telegram_config import (
    AnswerTelegram,
    SecretReader,
    SendTelegram,
    TelegramSecret,
    secret_reader,
)
from .telegram_queue import SqsQueue


def notifier(time_left_ms: Callable[[], int]) -> Notifier:
    """Return this invocation's notifier, with the bot and the chat that the secret names now."""
    config = _sending()
    secret = _secret(config.telegram_secret_arn)()
    return Notifier(
        deliveries=_deliveries(),
        queue=SqsQueue(clients.sqs(), config.telegram_queue_url, config.telegram_dead_letter_url),
        bot=_client(secret, config.telegram_api_base) if secret.configured else None,
        channel=secret.channel,
        chat_id=secret.chat_id,
        paced=config.telegram_pace == "normal",
        clock=wall_ms,
        time_left_ms=time_left_ms,
    )


@cache
def answers() -> Answers:
    config = _answering()
    feed = DynamoFeed(config.state_table)
    api = Serving(
        feed=feed,
        signals=DynamoSignals(config.signals_table),
        performance=DynamoPerformance(config.performance_table),
        policy=default_policy(),
        code_version=config.code_version,
    )
    return Answers(api=api, feed=feed, clock=wall_ms)


def webhook_secret() -> str:
    """Return what Telegram sends along with each update; "" when nothing is set up."""
    return _secret(_answering().telegram_secret_arn)().webhook_secret


@cache
def _sending() -> SendTelegram:
    return load(SendTelegram)


@cache
def _answering() -> AnswerTelegram:
    return load(AnswerTelegram)


@cache
def _secret(arn: str) -> SecretReader:
    return secret_reader(arn)


@cache
def _deliveries() -> DynamoDeliveries:
    return DynamoDeliveries(_sending().deliveries_table)


@cache
def _client(secret: TelegramSecret, base_url: str) -> TelegramClient:
    """Return the client of one token: a new secret gets a new one, the same keeps its lines."""
    return TelegramClient(secret.token, base_url=base_url)
