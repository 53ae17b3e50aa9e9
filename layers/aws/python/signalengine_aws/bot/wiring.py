"""Builds the bot, once a process."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache, cached_property
from typing import Any, Final

from signalengine.errors import PermanentError, TransientError

from ..channels.telegram.client import TelegramClient
from ..channels.telegram.config import AnswerTelegram, TelegramSecret
from ..channels.telegram.wiring import client_of, secret_of
from ..delivery.deliveries import DynamoDeliveries
from ..delivery.forgetting import forget
from ..delivery.queue import SqsForwarding
from ..delivery.subscriptions import DynamoSubscriptions
from ..runtime import clients
from ..runtime.clock import wall_ms
from ..runtime.config import Chat, Reading, load
from ..stores.rate_limits import DynamoLimits
from .answers import Answers
from .dispatch import Bot
from .handled_updates import DynamoUpdates
from .memberships import Memberships
from .operators import Operators
from .settings import Settings
from .updates import Place


def bot() -> Bot:
    """Return the bot as the secret describes it now."""
    config = _config()
    return _bot(secret_of(config.telegram_secret_arn)())


@cache
def updates() -> DynamoUpdates:
    return DynamoUpdates(_config().calls_table)


def call(method: str, params: dict[str, object]) -> None:
    """Call the Bot API; raises the errors of `delivery.errors`."""
    config = _config()
    secret = secret_of(config.telegram_secret_arn)()
    client = client_of(secret, config.telegram_api_base)
    if method == "sendMessage":
        client.send(params)
    else:
        client.call(method, params)


def webhook_secret() -> str:
    """Return the secret that Telegram sends with each update; "" when none is configured."""
    return secret_of(_config().telegram_secret_arn)().webhook_secret


@cache
def _bot(secret: TelegramSecret) -> Bot:
    """Return the bot of one secret."""
    config = _config()
    for settings in (Reading, Chat):
        load(settings)  # what is imported later must not lack its settings
    api = OnDemand(_reading)
    answers = Answers(api=api, feed=OnDemand(lambda: api.feed), clock=wall_ms)
    subscriptions = DynamoSubscriptions(config.subscriptions_table, home=secret.home)
    deliveries = DynamoDeliveries(config.deliveries_table)
    client = client_of(secret, config.telegram_api_base)
    return Bot(
        answers=answers,
        settings=Settings(
            subscriptions=subscriptions,
            members=client,
            home=secret.home,
            admins=secret.admin_ids,
            private=secret.private,
            followed=answers.followed,
            strategies=answers.strategies,
            forget=lambda channel: forget(channel, subscriptions, deliveries),
            alerts=OnDemand(lambda: _alerts(config.subscriptions_table, api)),
            clock=wall_ms,
        ),
        operators=Operators(
            subscriptions=subscriptions,
            chats=deliveries,
            queue=SqsForwarding(clients.sqs(), config.telegram_queue_url),
            home=secret.home,
            clock=wall_ms,
        ),
        memberships=Memberships(
            subscriptions=subscriptions,
            deliveries=deliveries,
            addresses=deliveries,
            home=secret.home,
            clock=wall_ms,
        ),
        chat=OnDemand(_chat),
        me=BotItself(secret.bot_id, client),
        limits=DynamoLimits(config.calls_table),
    )


class OnDemand:
    """An object that is made, and its modules imported, when it is used first.

    Most updates are messages of groups, changes of members or preferences.
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)

    @cached_property
    def _made(self) -> Any:
        return self._make()


def _reading() -> Any:
    from ..api.reading import reading

    return reading()


def _alerts(table: str, api: Any) -> Any:
    from ..stores.alerts import BUCKET, DynamoAlerts
    from .price_alerts import PriceAlerts

    return PriceAlerts(DynamoAlerts(table, buckets=(BUCKET,)), api, api.feed, wall_ms)


def _chat() -> Any:
    from ..chat.wiring import rate_limited_chat

    return rate_limited_chat(_reading())


class BotItself:
    """The bot itself: its id from the token, its name from Telegram, requested once."""

    def __init__(self, bot_id: int, client: TelegramClient) -> None:
        self.bot_id: Final = bot_id
        self._client = client
        self._name = ""

    def username(self) -> str:
        """Return its name in lower case; "" when Telegram does not answer."""
        if not self._name:
            try:
                self._name = str(self._client.get_me()["username"]).lower()
            except (TransientError, PermanentError):
                return ""
        return self._name

    def type(self, place: Place) -> None:
        """Show in a chat that an answer is being written; a failure is ignored."""
        where = {"chat_id": place.chat_id, "message_thread_id": place.topic}
        with suppress(TransientError, PermanentError):
            self._client.call("sendChatAction", where | {"action": "typing"})


@cache
def _config() -> AnswerTelegram:
    return load(AnswerTelegram)
