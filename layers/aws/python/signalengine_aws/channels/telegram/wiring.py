"""The bot's secret and its client, once a process."""

from functools import cache

from .client import TelegramClient
from .config import SecretReader, TelegramSecret, secret_reader


@cache
def secret_of(arn: str) -> SecretReader:
    return secret_reader(arn)


@cache
def client_of(secret: TelegramSecret, base_url: str) -> TelegramClient:
    """Return the client of a secret; its connections are reused while the secret is the same."""
    return TelegramClient(secret.token, base_url=base_url)
