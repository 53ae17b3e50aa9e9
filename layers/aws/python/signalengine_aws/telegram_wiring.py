"""Puts the Telegram parts together for their two functions, once a process where that may be."""

from collections.abc import Callable
from functools import cache
from typing import Final

from signalengine.errors import PermanentError, TransientError

from . import clients
from .answers import Answers
from .bot import Bot
from .chat_wiring import desk
from .clock import wall_ms
from .config import load
from .deliveries import DynamoDeliveries
from .notifier import Notifier
from .operators import Operators
from .reading import reading
from .seen import DynamoUpdates
from .settings import Settings
from .subscriptions import DynamoSubscriptions
from .telegram import TelegramClient
from .telegram_config import (
    AnswerTelegram,
    SecretReader,
    SendTelegram,
    TelegramSecret,
    secret_reader,
)
from .telegram_queue import SqsForwarding, SqsQueue


def notifier(time_left_ms: Callable[[], int]) -> Notifier:
    """Return this invocation's notifier, with the bot and the chat that the secret names now."""
    config = _sending()
    secret = _secret(config.telegram_secret_arn)()
    return Notifier(
        deliveries=_deliveries(config.deliveries_table),
        subscriptions=DynamoSubscriptions(config.subscriptions_table),
        queue=SqsQueue(clients.sqs(), config.telegram_queue_url, config.telegram_dead_letter_url),
        bot=_client(secret, config.telegram_api_base) if secret.token else None,
        home=secret.home,
        paced=config.telegram_pace == "normal",
        clock=wall_ms,
        time_left_ms=time_left_ms,
    )


def bot() -> Bot:
    """Return the bot as the secret describes it now."""
    config = _answering()
    return _bot(_secret(config.telegram_secret_arn)())


@cache
def updates() -> DynamoUpdates:
    return DynamoUpdates(_answering().calls_table)


def call(method: str, params: dict[str, object]) -> None:
    """Call the Bot API; raises the errors of `telegram`."""
    config = _answering()
    secret = _secret(config.telegram_secret_arn)()
    _client(secret, config.telegram_api_base).call(method, params)


def webhook_secret() -> str:
    """Return what Telegram sends along with each update; "" when nothing is set up."""
    return _secret(_answering().telegram_secret_arn)().webhook_secret


@cache
def _bot(secret: TelegramSecret) -> Bot:
    """Return the bot of one secret: a new secret gets a new one."""
    config, found = _answering(), reading()
    answers = Answers(api=found, feed=found.feed, clock=wall_ms)
    subscriptions = DynamoSubscriptions(config.subscriptions_table)
    client = _client(secret, config.telegram_api_base)
    return Bot(
        answers=answers,
        settings=Settings(
            subscriptions=subscriptions,
            members=client,
            home=secret.home,
            admins=secret.admin_ids,
            private=secret.private,
            followed=answers.followed,
            clock=wall_ms,
        ),
        operators=Operators(
            subscriptions=subscriptions,
            chats=_deliveries(config.deliveries_table),
            queue=SqsForwarding(clients.sqs(), config.telegram_queue_url),
            home=secret.home,
            clock=wall_ms,
        ),
        asking=desk(found),
        me=BotItself(secret.bot_id, client),
    )


class BotItself:
    """Who the bot is: its id from the token, its name from Telegram, asked once."""

    def __init__(self, bot_id: int, client: TelegramClient) -> None:
        self.bot_id: Final = bot_id
        self._client = client
        self._name = ""

    def username(self) -> str:
        """Return its name in lower case; "" when Telegram does not tell now."""
        if not self._name:
            try:
                self._name = str(self._client.get_me()["username"]).lower()
            except (TransientError, PermanentError):
                return ""
        return self._name


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
def _deliveries(table: str) -> DynamoDeliveries:
    return DynamoDeliveries(table)


@cache
def _client(secret: TelegramSecret, base_url: str) -> TelegramClient:
    """Return the client of one token: a new secret gets a new one, the same keeps its lines."""
    return TelegramClient(secret.token, base_url=base_url)
