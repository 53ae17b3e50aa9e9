"""Listeners, queues, and who is dropped when."""

import asyncio
from collections.abc import Callable

import pytest

from infra.local.exchange.protocol import hub as hub_module
from infra.local.exchange.protocol.hub import Checkpoint, Hub, QueuedMessage, Subscriber
from infra.local.exchange.protocol.streams import Route

KLINE = "btcusdt@kline_1m"


def listening(
    hub: Hub, *names: str, route: Route = "market", combined: bool = False,
    drop: Callable[[], None] = lambda: None,
) -> Subscriber:  # fmt: skip
    subscriber = Subscriber(route, combined, drop)
    hub.join(subscriber)
    hub.subscribe(subscriber, names)
    return subscriber


def texts(subscriber: Subscriber) -> list[str]:
    return [item.text for item in subscriber.queue if isinstance(item, QueuedMessage)]


def test_a_payload_is_wrapped_for_combined_subscribers_only() -> None:
    hub = Hub({"BTCUSDT"}, lossless=False)
    raw, combined = listening(hub, KLINE), listening(hub, KLINE, combined=True)
    hub.publish(KLINE, '{"e":"kline"}')
    assert texts(raw) == ['{"e":"kline"}']
    assert texts(combined) == [f'{{"stream":"{KLINE}","data":{{"e":"kline"}}}}']


def test_the_wrong_route_gets_nothing_and_delays_nothing() -> None:
    hub = Hub({"BTCUSDT"}, lossless=False)
    subscribers = [listening(hub, KLINE, route=route) for route in ("public", "")]
    hub.publish(KLINE, "{}")
    assert [texts(subscriber) for subscriber in subscribers] == [[], []]
    assert [list(subscriber.subscriptions) for subscriber in subscribers] == [[KLINE], [KLINE]]
    assert not hub.klines_subscribed.is_set()


def test_klines_count_as_subscribed_while_a_subscriber_receives_them() -> None:
    hub = Hub({"BTCUSDT"}, lossless=False)
    one, two = listening(hub, KLINE), listening(hub, KLINE, "!markPrice@arr@1s")
    hub.unsubscribe(one, [KLINE])
    assert hub.klines_subscribed.is_set()
    hub.leave(two)
    assert not hub.klines_subscribed.is_set()
    assert hub.streams("markPrices") == []
    assert len(hub) == 1


def test_a_subscriber_that_falls_behind_wall_time_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_module, "MAX_QUEUE", 3)
    dropped: list[str] = []
    hub = Hub({"BTCUSDT"}, lossless=False)
    listening(hub, KLINE, drop=lambda: dropped.append("slow"))
    quick = listening(hub, KLINE, drop=lambda: dropped.append("quick"))
    for _ in range(4):
        hub.publish(KLINE, "{}")
        quick.queue.clear()
    assert dropped == ["slow"]


def test_at_full_speed_no_subscriber_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "MAX_QUEUE", 3)
    dropped: list[str] = []
    hub = Hub({"BTCUSDT"}, lossless=True)
    listening(hub, KLINE, drop=lambda: dropped.append("slow"))
    for _ in range(10):
        hub.publish(KLINE, "{}")
    assert dropped == []


def test_a_checkpoint_waits_for_subscribers_with_new_messages() -> None:
    async def play() -> None:
        hub = Hub({"BTCUSDT"}, lossless=True)
        reader, _idle = listening(hub, KLINE), listening(hub, "!contractInfo")
        hub.publish(KLINE, "{}")
        (reached,) = hub.checkpoint()
        assert isinstance(reader.queue[-1], Checkpoint)
        assert hub.checkpoint() == []
        hub.leave(reader)
        await asyncio.wait_for(reached, 1)

    asyncio.run(play())
