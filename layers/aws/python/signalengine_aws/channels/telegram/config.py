"""Configuration of the Telegram functions: their environment, and the bot's secret.

The secret is read from Secrets Manager and again every five minutes, so that a new token or chat
takes effect without a deployment.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil, inf
from typing import Any, Final

from ...runtime.clock import Clock, wall_ms
from ...runtime.config import (
    CallsTable,
    ConfigError,
    DashboardUrl,
    DeliveriesTable,
    Environment,
    Reading,
    SubscriptionsTable,
)
from ...runtime.secrets import secret_text
from ...runtime.ttl_cache import TtlCache
from .client import API_BASE

PACES: Final = ("normal", "unlimited")
LONGEST_COLLECTION_S: Final = 900
LOWEST_RATE: Final = 0.01
"""Messages a second: one in 100 s."""


class TelegramBot(Environment):
    """The bot's secret, and the address of the Bot API."""

    telegram_secret_arn: str
    telegram_api_base: str = API_BASE


class TelegramQueue(Environment):
    """Queue of messages for Telegram."""

    telegram_queue_url: str


class SendTelegram(TelegramBot, TelegramQueue, DeliveriesTable, SubscriptionsTable, DashboardUrl):
    """The environment of send_telegram."""

    telegram_dead_letter_url: str
    telegram_pace: str = "normal"
    telegram_rate_limit: str = "1"
    """Most messages a second to one chat: it slows, and never exceeds what Telegram accepts."""
    telegram_digest_after_s: str = "30"

    @property
    def digest_after_s(self) -> int:
        """A message that waits longer for others of its chat joins a digest; 0: none does."""
        return int(self.telegram_digest_after_s)

    @property
    def spacing_ms(self) -> int:
        """Shortest time between two messages of a chat, without regard to Telegram's own limit."""
        return ceil(1000 / float(self.telegram_rate_limit))

    def check(self) -> None:
        if not _is_rate(self.telegram_rate_limit):
            raise ConfigError(f"TELEGRAM_RATE_LIMIT: {self.telegram_rate_limit!r} is not from 0.01")
        after = self.telegram_digest_after_s
        if not (after.isascii() and after.isdecimal() and int(after) <= LONGEST_COLLECTION_S):
            raise ConfigError(
                f"TELEGRAM_DIGEST_AFTER_S: {after!r} is not 0 to {LONGEST_COLLECTION_S}"
            )
        if self.telegram_pace not in PACES:
            raise ConfigError(f"TELEGRAM_PACE: {self.telegram_pace!r} is not normal or unlimited")


def _is_rate(text: str) -> bool:
    try:
        return LOWEST_RATE <= float(text) < inf
    except ValueError:
        return False


class AnswerTelegram(
    TelegramBot, TelegramQueue, DeliveriesTable, SubscriptionsTable, CallsTable, Reading
):
    """The environment of answer_telegram."""


class AlertTelegram(TelegramBot):
    """The environment of alert_telegram."""


@dataclass(frozen=True, slots=True)
class TelegramSecret:
    """The bot, its first chat and its operators; empty values are not configured."""

    token: str = field(default="", repr=False)
    chat_id: str = ""
    webhook_secret: str = field(default="", repr=False)
    admin_ids: frozenset[int] = frozenset()
    """Ids of the people who run the engine."""
    private: bool = False
    """True: only they may subscribe a chat."""

    @property
    def home(self) -> str | None:
        """The channel key of the chat that is subscribed to everything without a row."""
        return f"telegram:{self.chat_id}" if self.chat_id else None

    @property
    def public_id_key(self) -> bytes:
        """The key of the chats' public ids: of both secrets, since one may be chosen by hand.

        Empty without a token; a new token or webhook secret changes the ids that are made then.
        """
        if not self.token:
            return b""
        text = json.dumps(["public ids", self.token, self.webhook_secret])
        return hashlib.sha256(text.encode()).digest()

    @property
    def bot_id(self) -> int:
        """The bot's own user id, which its token begins with; 0 without one."""
        number = self.token.partition(":")[0]
        return int(number) if number.isdecimal() else 0


def read_secret(text: str) -> TelegramSecret:
    """Read the JSON of the secret; raises ConfigError without repeating any of it."""
    try:
        raw = json.loads(text)
    except ValueError:
        raise ConfigError("the Telegram secret is not JSON") from None
    if not isinstance(raw, dict):
        raise ConfigError("the Telegram secret is not a JSON object")
    names = ("token", "chat_id", "webhook_secret")
    token, chat_id, webhook_secret = (str(raw.get(name) or "").strip() for name in names)
    return TelegramSecret(
        token,
        chat_id,
        webhook_secret,
        admin_ids=_ids(raw.get("admin_ids")),
        private=str(raw.get("private") or "").strip().lower() == "true",
    )


def _ids(raw: Any) -> frozenset[int]:
    """Read ids from a list, or from text with commas; raises ConfigError."""
    words = raw if isinstance(raw, list) else str(raw or "").replace(",", " ").split()
    try:
        return frozenset(int(word) for word in words)
    except (TypeError, ValueError):
        raise ConfigError("admin_ids of the Telegram secret are not numbers") from None


class SecretReader(TtlCache[TelegramSecret]):
    """Returns the current secret, read from Secrets Manager at most every five minutes."""

    def __init__(self, fetch: Callable[[], str], clock: Clock = wall_ms) -> None:
        super().__init__(lambda: read_secret(fetch()), clock)


def secret_reader(arn: str) -> SecretReader:
    """Return a reader of the secret `arn` in Secrets Manager."""
    return SecretReader(lambda: secret_text(arn))
