"""Telegram behind the Channel port: its bot, its messages, its limits."""

from typing import Final, Protocol

from signalengine.text.languages import in_language
from signalengine.text.messages import Buttons

from ...delivery.notifications import Notification
from ...delivery.pacing import SendLimits
from .address import NAME, chat_of, topic_of
from .limits import SPACING_MS, limits
from .renderer import TelegramMessage, render

NO_BOT: Final = "no bot token is configured"


class Bot(Protocol):
    """Sends messages as a bot; raises the errors of `delivery.errors`."""

    def send_message(
        self,
        chat_id: int | str,
        text: str,
        *,
        reply_to: int | None = None,
        silent: bool = False,
        buttons: Buttons = (),
        topic: int | None = None,
    ) -> int: ...


class TelegramChannel:
    """Chats of one bot. `bot` None: no token is configured; `credentials`: the token's digest.

    `dashboard` is the dashboard's address, which digests link to; "" for none. `spacing_ms` is the
    shortest time between two messages of a chat, which may be longer than Telegram's own.
    """

    name: Final = NAME

    def __init__(
        self,
        bot: Bot | None,
        *,
        credentials: str = "",
        dashboard: str = "",
        spacing_ms: int = SPACING_MS,
    ) -> None:
        self._bot = bot
        self._spacing_ms = spacing_ms
        self._dashboard = dashboard
        self.credentials: Final = credentials

    @property
    def missing(self) -> str | None:
        return NO_BOT if self._bot is None else None

    def limits(self, address: str) -> SendLimits:
        return limits(address, self._spacing_ms)

    def limited_as(self, address: str) -> str:
        """Return the chat: its topics share its limits."""
        return chat_of(address)

    def render(self, notification: Notification, language: str) -> TelegramMessage:
        with in_language(language):
            return render(notification, self._dashboard)

    def send(
        self, address: str, message: TelegramMessage, *, reply_to: str | None, silent: bool
    ) -> str:
        """Send a message; returns its id. A reply to a deleted message is sent without."""
        if self._bot is None:
            raise AssertionError(NO_BOT)
        message_id = self._bot.send_message(
            chat_of(address),
            message.text,
            reply_to=None if reply_to is None else int(reply_to),
            silent=silent,
            buttons=message.buttons,
            topic=topic_of(address),
        )
        return str(message_id)
