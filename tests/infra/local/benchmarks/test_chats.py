"""The benchmark of many chats: each gets its message once, with the calls that are documented."""

import pytest

from infra.local.benchmarks import chats


@pytest.mark.enable_socket
def test_each_chat_gets_its_message_with_few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "ANSWER_S", 0.01)
    monkeypatch.setattr(chats, "CALL_S", 0.0)
    with chats.telegram() as address:
        found = chats.measured(address, 20)
    assert (found["chats"], found["sent"]) == (20, 20)
    calls = found["calls"]
    assert (calls["write delivery"], calls["write address"]) == (40, 20)  # a lease, a mark, a slot
    assert (calls["read delivery"], calls["read subscription"]) == (20, 20)
    assert 20 < calls["read address"] <= 30  # each, and the credentials once by each thread
