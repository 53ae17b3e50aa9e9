"""answer_chat: a question over the WebSocket, answered from what is stored."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from signalengine.facts.stream import HeartbeatFact
from signalengine.intervals import DAY_MS
from signalengine.policy import default_policy
from signalengine.signals import Outcome
from signalengine_aws.api import reading
from signalengine_aws.application.answer_chat import AnswerChat
from signalengine_aws.application.heartbeats import status
from signalengine_aws.chat.wiring import rate_limited_chat
from signalengine_aws.runtime.api_token import access
from signalengine_aws.stores.closings import DynamoClosings
from signalengine_aws.stores.connections import DynamoConnections
from signalengine_aws.stores.state import DynamoFeed

from functions.answer_chat import handler as module
from tests.aws.positions import T, open_signals, signal, store_folded
from tests.aws.world import World
from tests.telegram_samples import end

from .test_broadcast import MemorySockets

ME = "L0SM9cOFvHcCIhw="


@pytest.fixture
def sockets(world: World, monkeypatch: pytest.MonkeyPatch) -> MemorySockets:
    fake = MemorySockets()
    reading.reading.cache_clear()
    answering = AnswerChat(
        chat=rate_limited_chat(reading.reading()),
        connections=DynamoConnections("connections_table", lambda: world.now),
        sockets=fake,
        access=access(world.api_secret_arn, "true"),
    )
    monkeypatch.setattr(module, "answer_chat", lambda: answering)
    beat = HeartbeatFact(T, "simulated", "t", ("BTCUSDT",), {}, {"kline": 1}, 0, 0, 0, {}, 1.0, 1)
    body = status(beat, watermark=T, received_at=world.now, up_since=0, open_signals=0)
    DynamoFeed("state_table").put_heartbeat(body)
    store_folded("BTCUSDT", T)
    return fake


def send(message: str, ip: str = "1.2.3.4", **more: str) -> None:
    where = {"routeKey": "chat", "connectionId": ME, "identity": {"sourceIp": ip}}
    body = json.dumps({"action": "chat", "id": "q", "message": message} | more)
    answer = module.handler({"requestContext": where, "body": body}, SimpleNamespace())
    assert answer == {"statusCode": 200}


def last(sockets: MemorySockets) -> dict[str, Any]:
    message: dict[str, Any] = sockets.got[ME][-1]
    return message


def test_a_question_is_answered_from_the_stored_signals(
    world: World, sockets: MemorySockets
) -> None:
    ours = default_policy().digest
    open_signals(replace(signal("BTCUSDT"), policy_digest=ours, market="simulated"))
    send("latest signals")
    delta, done = sockets.got[ME]
    assert (delta["type"], done["type"], done["source"]) == ("chat", "chat_done", "rules")
    assert "BTCUSDT open" in done["answer"]
    assert "[simulated]" in done["answer"]
    send("why BTC?")
    assert last(sockets)["used"] == ["explain"]
    send("win rate")
    assert "No signal has closed yet; open now: 1." in last(sockets)["answer"]
    send("what's trending?")
    assert last(sockets)["answer"].startswith("No symbol has a score yet")


def test_results_of_days_and_of_a_symbol_are_those_that_closed(
    world: World, sockets: MemorySockets
) -> None:
    one, other = (replace(signal(name), market="simulated") for name in ("BTCUSDT", "ETHUSDT"))
    open_signals(one, other)
    closings = DynamoClosings("signals_table", "performance_table")
    assert closings.close(one, end())
    assert closings.close(other, end(outcome=Outcome.SL_HIT, net_return=-1_120_000))
    for question, words in {
        "How did today's signals do?": "Today (UTC): 2 closed signals [simulated]: 1 won, 1 lost",
        "how did yesterday go?": "Yesterday (UTC): no signal has closed.",
        "win rate of BTC": "BTCUSDT: 1 closed signal [simulated]: 1 won, 0 lost",
        "win rate of BTC this week": "BTCUSDT, the last 7 days (UTC): 1 closed signal [simulated]",
        "results of BTC yesterday": "BTCUSDT, yesterday (UTC): no signal has closed.",
    }.items():
        send(question)
        assert words in last(sockets)["answer"]
        assert last(sockets)["used"] == ["stats"]


def test_sides_and_days_restrict_what_is_answered(world: World, sockets: MemorySockets) -> None:
    old = replace(signal("BTCUSDT", close_time=T - DAY_MS), market="simulated")
    new = replace(signal("ETHUSDT", "short"), market="simulated")
    open_signals(old, new)
    closings = DynamoClosings("signals_table", "performance_table")
    assert closings.close(old, end())
    assert closings.close(new, end(outcome=Outcome.SL_HIT, net_return=-1_120_000))
    for number, (question, words, without) in enumerate([
        ("win rate of shorts", "Shorts, the last 366 days (UTC): 1 closed signal", "1 won"),
        ("results of longs in may", "Longs, 2025-05-01 – 2025-05-19 (UTC): 1 closed", "1 lost"),
        ("long results today", "Longs, today (UTC): no signal has closed.", "won"),
        ("signals yesterday", "yesterday (UTC):\nlong BTCUSDT", "ETHUSDT"),
        ("signals on May 19th", "2025-05-19 (UTC):\nshort ETHUSDT", "BTCUSDT"),
        ("signals on 2025-05-19", "2025-05-19 (UTC):\nshort ETHUSDT", "BTCUSDT"),
        ("signals of BTC on 2025-05-17", "There are no signals of BTCUSDT, 2025-05-17", "long"),
        ("why did yesterday's signal open?", "long BTCUSDT", "ETHUSDT"),
    ]):  # fmt: skip
        send(question, ip=f"1.2.3.{number}")
        assert words in last(sockets)["answer"]
        assert without not in last(sockets)["answer"]


def test_a_caller_over_the_limit_waits_and_others_do_not(
    world: World, sockets: MemorySockets
) -> None:
    for _ in range(11):
        send("win rate")
    assert (last(sockets)["source"], last(sockets)["retry_after"] > 0) == ("error", True)
    send("win rate", ip="5.6.7.8")
    assert last(sockets)["source"] == "rules"
    for host in range(11):
        send("win rate", ip=f"2001:db8::{host}")
    assert last(sockets)["source"] == "error", "a client has a whole /64 of IPv6"


def test_with_a_token_configured_only_callers_with_it_are_answered(
    world: World, sockets: MemorySockets
) -> None:
    world.set_api_token("made up")
    for given in ({}, {"token": ""}, {"token": "made"}):
        send("win rate", **given)
        assert (last(sockets)["source"], "token" in last(sockets)["answer"]) == ("error", True)
    assert world.rows("CALLS_TABLE") == []  # who may not ask uses up nobody's turns
    send("win rate", token="made up")
    assert last(sockets)["source"] == "rules"


def test_a_client_that_left_is_no_error(world: World, sockets: MemorySockets) -> None:
    sockets.gone = {ME}
    send("win rate")
    assert sockets.got == {}
