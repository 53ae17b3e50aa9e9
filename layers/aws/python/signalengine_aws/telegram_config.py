"""Configuration of the Telegram functions: their environment, and the bot's secret.

The secret is read from Secrets Manager and again every five minutes, so that a new token or chat
takes effect without a deployment.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from . import clients
from .clock import Clock, wall_ms
from .config import ConfigError
from .failures import mapped
from .telegram import API_BASE

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

PACES: Final = ("normal", "unlimited")
_SECRET_KEPT_MS: Final = 300_000


@dataclass(frozen=True, slots=True)
class SendTelegram:
    deliveries_table: str
    telegram_secret_arn: str
    telegram_queue_url: str
    telegram_dead_letter_url: str
    telegram_api_base: str = API_BASE
    telegram_pace: str = "normal"

    def __post_init__(self) -> None:
        if self.telegram_pace not in PACES:
            raise ConfigError(f"TELEGRAM_PACE: {self.telegram_pace!r} is not normal or unlimited")


@dataclass(frozen=True, slots=True)
class AnswerTelegram:
    telegram_secret_arn: str
    state_table: str
    signals_table: str
    performance_table: str
    code_version: str


@dataclass(frozen=True, slots=True)
class TelegramSecret:
    """Who the bot is and whom it tells; empty means: not set up."""

    token: str = field(default="", repr=False)
    chat_id: str = ""
    webhook_secret: str = field(default="", repr=False)

    @property
    def configured(self) -> bool:
        return bool(self.token and self.chat_id)

    @property
    def channel(self) -> str:
        """The name of this chat in the deliveries table."""
        return f"telegram:{self.chat_id or 'none'}"


def read_secret(text: str) -> TelegramSecret:
    """Read the JSON of the secret; raises ConfigError without repeating any of it."""
    try:
        raw = json.loads(text)
    except ValueError:
        raise ConfigError("the Telegram secret is not JSON") from None
    if not isinstance(raw, dict):
        raise ConfigError("the Telegram secret is not a JSON object")
    names = ("token", "chat_id", "webhook_secret")
    return TelegramSecret(*(str(raw.get(name) or "").strip() for name in names))


class SecretReader:
    """Gives the current secret, asking Secrets Manager at most every five minutes."""

    def __init__(self, fetch: Callable[[], str], clock: Clock = wall_ms) -> None:
        self._fetch = fetch
        self._clock = clock
        self._secret = TelegramSecret()
        self._read_at: int | None = None

    def __call__(self) -> TelegramSecret:
        now = self._clock()
        if self._read_at is None or now - self._read_at >= _SECRET_KEPT_MS:
            self._secret = read_secret(self._fetch())
            self._read_at = now
        return self._secret


def secret_reader(arn: str) -> SecretReader:
    """Return a reader of the secret `arn` in Secrets Manager."""
    client = cast("SecretsManagerClient", clients.session().create_client("secretsmanager"))

    def fetch() -> str:
        with mapped("read the Telegram secret"):
            return client.get_secret_value(SecretId=arn)["SecretString"]

    return SecretReader(fetch)
