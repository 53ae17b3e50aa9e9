"""Addresses of chats and of their topics."""

import pytest
from signalengine_aws.channels.telegram.address import address, chat_of, key, topic_of, within


@pytest.mark.parametrize(
    ("chat", "topic", "text"),
    [(424242, None, "424242"), (-1001234, 17, "-1001234/17"), ("@signals", None, "@signals")],
)
def test_an_address_is_read_as_it_was_written(chat: int | str, topic: int, text: str) -> None:
    assert address(chat, topic) == text
    assert (chat_of(text), topic_of(text)) == (str(chat), topic)
    assert key(text) == f"telegram:{text}"


@pytest.mark.parametrize("text", ["-100/", "-100/x", "-100/٣", "-100/-1"])
def test_what_names_no_topic_is_the_chat(text: str) -> None:
    assert topic_of(text) is None


def test_topics_are_within_their_chat_and_in_no_other() -> None:
    assert within("telegram:-100", "telegram:-100")
    assert within("telegram:-100/7", "telegram:-100")
    assert not within("telegram:-1001", "telegram:-100")
