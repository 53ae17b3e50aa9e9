"""A group becomes a supergroup, over HTTP: the old id is refused, with the new one."""

from collections.abc import Iterator

import pytest
from signalengine_aws.channels.telegram.client import TelegramClient
from signalengine_aws.delivery.errors import MovedError

from tests.telegram_server import RunningTelegram, running_telegram

pytestmark = pytest.mark.enable_socket

OLD, NEW = -42, -1009


@pytest.fixture
def telegram() -> Iterator[RunningTelegram]:
    with running_telegram(str(OLD)) as running:
        yield running


def test_the_old_id_is_refused_for_good_and_the_new_one_is_a_supergroup(
    telegram: RunningTelegram,
) -> None:
    client = TelegramClient(telegram.token, base_url=telegram.base)
    client.send_message(OLD, "before")
    telegram.request("POST", "/_local/migrate", {"chat_id": OLD, "to": NEW})
    for _ in range(2):
        with pytest.raises(MovedError) as caught:
            client.send_message(OLD, "after")
        assert caught.value.address == str(NEW)
    assert client.send_message(NEW, "after") == 1
    (chat,) = telegram.request("GET", "/_local/chats")[1]["chats"]
    assert (chat["id"], chat["type"]) == (NEW, "supergroup")
