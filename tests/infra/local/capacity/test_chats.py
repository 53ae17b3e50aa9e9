"""Messages that wait for Telegram's rate, simulated."""

from math import inf

import pytest
from signalengine_aws.channels.telegram.limits import PER_SECOND

from infra.local.capacity.chats import waited


def test_a_message_alone_waits_for_its_own_chats() -> None:
    found = waited(3, 280)
    assert found.p50_s == pytest.approx(280 / PER_SECOND)


def test_more_chats_wait_longer_and_beyond_the_rate_without_end() -> None:
    few, many, full = (waited(500, chats) for chats in (100, 800, 1_000))
    assert few.use < many.use < 1 < full.use
    assert few.p95_s < many.p50_s < full.p50_s == inf
