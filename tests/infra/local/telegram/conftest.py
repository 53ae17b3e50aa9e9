"""A bot with three chats, and a running server."""

from collections.abc import Iterator

import pytest

from infra.local.telegram.bot import Bot
from infra.local.telegram.chats import Chats, parse_chat
from tests.telegram_server import RunningTelegram, running_telegram


@pytest.fixture
def bot() -> Bot:
    return Bot(Chats([parse_chat("424242"), parse_chat("@signals", 1), parse_chat("-77")]))


@pytest.fixture
def telegram() -> Iterator[RunningTelegram]:
    with running_telegram() as running:
        yield running
