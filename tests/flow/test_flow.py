"""The path of a bar, on the deployed stack: everything arrives, once, and agrees at both ends."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import astuple, replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
import websocket
from signalengine.facts.stream import Bar, BarsFact, HistoryFact, encode, to_dict
from signalengine_aws.api.routes import SERVED
from signalengine_aws.stores.strategies import Strategy
from typer.testing import CliRunner

from infra.cli.main import app
from infra.cli.research.audit import facts_of, save_facts
from infra.local.operator_requests import operator_session
from infra.local.replay.listener import Listener
from infra.local.replay.report import expected_events
from infra.local.stack.ministack_child import DENIED
from infra.local.stack.running import find
from infra.local.stack.system import LOCAL_CHATS, LocalSystem
from research.audit import parity_set
from tests.receiver import receiver

from .conftest import NEAR, SYMBOLS, Played
from .foreign_page import state_of, targets_of, visited
from .token_clients import TOKEN, Client, publish_status, set_token
from .waiting import TIMEOUT_S, until

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]
SIGNALENGINE = Path(sys.executable).with_name("signalengine")


def test_nothing_is_lost_and_nothing_is_sent_twice(played: Played) -> None:
    report = played.report
    assert report["lost_by"] == {"bars": 0, "telegram": 0, "websocket": 0}
    assert report["duplicated_by"] == {"telegram": 0, "websocket": 0}
    assert report["overdue"] == report["dead_letters"] == 0
    assert report["bars"] == 3 * 120
    assert report["signals"] >= 3
    assert sum(report["outcomes"].values()) >= 1


def test_each_role_allows_every_call_that_its_owner_made(played: Played) -> None:
    log = (played.system.options.state_dir / "logs" / "aws.log").read_text(errors="replace")
    assert [line for line in log.splitlines() if line.startswith(DENIED)] == []


def test_only_the_user_reads_the_files_of_the_run(played: Played) -> None:
    folder = played.system.options.state_dir
    found = {path: path.lstat().st_mode for path in (folder, *folder.rglob("*"))}
    names = {path.name for path in found}
    assert names >= {"running.json", "logs", "aws.log", "ingest.log", "exchange.log", "spool"}
    assert [(path, oct(mode)) for path, mode in found.items() if mode & 0o077] == []


def test_no_log_holds_a_key_or_a_token(played: Played) -> None:
    folder = played.system.options.state_dir
    running = find(folder)
    assert running is not None
    hidden = [value for value in (*astuple(running.access), played.system.bot_token) if value]
    assert len(hidden) == 6
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "running.json":
            text = path.read_bytes()
            assert [value for value in hidden if value.encode() in text] == [], path


@pytest.mark.parametrize("command", ["pending", "commands", "test"])
def test_operators_commands_take_their_keys_from_the_running_system(
    played: Played, command: str
) -> None:
    folder = str(played.system.options.state_dir)
    result = CliRunner().invoke(app, ["telegram", command, "--state-dir", folder, "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)


def test_a_destination_is_added_tested_and_removed_by_the_command(played: Played) -> None:
    """The test message goes by the queue and the function to a server of this machine."""
    folder = str(played.system.options.state_dir)

    def channel(*words: str) -> dict[str, Any]:
        command = [str(SIGNALENGINE), "channel", *words, "--state-dir", folder, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - its own
        assert done.returncode == 0, done.stdout + done.stderr
        return dict(json.loads(done.stdout))

    with receiver() as mine:
        host = f"127.0.0.1:{mine.port}"
        channel("add", "webhook", "flow", f"http://{host}/hook", "--allow-host", host)
        assert channel("test", "flow", "--timeout", "90")["receipt"] == "HTTP 200"
        channel("remove", "flow", "--yes")
    assert json.loads(mine.requests[0].body)["text"].endswith("It is no signal.")


BROWSERS = ("chromium", *filter(None, [os.environ.get("FIREFOX")]))
"""FIREFOX=/usr/bin/firefox-esr has it tried by that browser too."""


@pytest.mark.browser
@pytest.mark.parametrize("browser", BROWSERS)
def test_a_page_of_another_origin_gets_nothing_and_changes_nothing(
    played: Played, browser: str
) -> None:
    before = state_of(played.system)
    report = visited(browser, targets_of(played.system))
    assert report.tried > 140
    assert report.got == []
    assert state_of(played.system) == before


def test_each_close_with_events_left_one_decision(played: Played) -> None:
    assert len(played.seen.decisions) == played.seen.events
    emitted = {d.signal_id for d in played.seen.decisions if d.verdict == "emitted"}
    assert emitted == {s.signal_id for s in played.seen.signals}


def test_a_strategy_in_shadow_decides_as_its_backtest_and_is_not_published(
    played: Played, tmp_path: Path
) -> None:
    own = played.collector.of(Strategy(NEAR.key))
    until(lambda: own.undecided(own.signals()), lambda left: left == "", "the set's decisions")
    stored, facts = own.signals(), facts_of(save_facts(played.collector, tmp_path))
    signals = [replace(signal, shadow=False) for signal in stored]

    assert parity_set(facts, own.decisions(), signals, NEAR) == []
    assert len(signals) >= 20
    assert all(signal.shadow for signal in stored)
    published = {row.event_id.partition("#")[0] for row in played.listener.received()}
    assert published.isdisjoint(signal.signal_id for signal in stored)


def test_all_functions_share_one_copy_of_each_layer(played: Played) -> None:
    """Workers that run now, by their folders; MiniStack makes a link's place for each layer."""
    family = psutil.Process(played.system.aws.process_group).children()
    workers = [Path(one.cmdline()[-1]).parent for one in family if one.cmdline()]
    copies = [{part.resolve() for part in worker.glob("layer_?")} for worker in workers]
    assert len([found for found in copies if found]) >= 3
    assert len(set().union(*copies)) == max(map(len, copies)) == 3


def test_each_closing_on_telegram_replies_to_its_opening(played: Played) -> None:
    messages = {
        row["message_id"]: row for row in played.system.telegram_get("/_local/messages")["messages"]
    }
    found = {row.event_id: row.message_id for row in played.seen.deliveries}
    closed = [s for s in played.seen.signals if s.settlement is not None]
    for signal in closed:
        opening, closing = (found[f"{signal.signal_id}#{kind}"] for kind in ("opened", "closed"))
        assert messages[closing]["reply_to"] == opening
        assert signal.symbol in messages[opening]["text"]


def test_websocket_messages_agree_with_stored_signals(played: Played) -> None:
    received = {row.event_id: row.signal for row in played.listener.received()}
    for signal in played.seen.signals:
        row = received[f"{signal.signal_id}#opened"]
        assert (row["entry_price"], row["score"]) == (signal.entry_price, signal.score)
        if signal.settlement is not None:
            assert received[f"{signal.signal_id}#closed"]["outcome"] == signal.settlement.outcome


def test_a_delayed_message_is_known_to_be_on_its_way(played: Played) -> None:
    until(played.collector.on_its_way, lambda found: found == [], "an idle Telegram queue")
    queues, url = played.system.aws.client("sqs"), played.system.outputs["TelegramQueueUrl"]
    queues.send_message(QueueUrl=url, MessageBody="{}", DelaySeconds=600)
    (found,) = played.collector.on_its_way()
    assert found.what == "in the Telegram queue, held by a function or delayed: 1"
    assert found.within_s == 360.0
    queues.purge_queue(QueueUrl=url)
    assert played.collector.on_its_way() == []


def test_a_client_that_was_away_resumes_without_a_gap(played: Played) -> None:
    late = Listener(played.system.addresses.websocket, since=1)
    late.start(30.0)
    due = {event_id.split("#")[0] for event_id in expected_events(played.seen.signals)}
    until(
        lambda: {row.event_id.split("#")[0] for row in late.received()},
        lambda ids: due <= ids,
        "receiving every signal",
    )
    late.stop()


def test_the_api_answers_from_the_same_tables(played: Played) -> None:
    api = played.system.addresses.api
    rows = requests.get(f"{api}/signals", params={"limit": 200}, timeout=30).json()
    assert {row["id"] for row in rows["signals"]} == {s.signal_id for s in played.seen.signals}
    times = [row["timestamp"] for row in rows["signals"]]
    assert times == sorted(times, reverse=True)
    stats = requests.get(f"{api}/signals/stats", timeout=30).json()
    closed = [s for s in played.seen.signals if s.settlement is not None]
    assert (stats["n"], stats["total_signals"]) == (len(closed), len(played.seen.signals))
    assert requests.get(f"{api}/health", timeout=30).json()["components"]["database"] == "ok"
    assert requests.get(f"{api}/symbols", timeout=30).json()["count"] == 3
    assert requests.get(f"{api}/signals", params={"limit": "x"}, timeout=30).status_code == 400
    assert requests.get(f"{api}/nothing", timeout=30).status_code == 404


def test_every_endpoint_answers_with_the_rights_it_was_given(played: Played) -> None:
    """IAM is enforced here: an endpoint that reads what it may not would answer 503."""
    api = played.system.addresses.api
    newest = played.seen.signals[0].signal_id
    for route in SERVED:
        if route.method != "GET":
            continue
        path = route.path.replace("{signal_id}", newest).replace("{name}", "classic")
        needs = {"symbol": "BTCUSDT"} if route.path in ("/bars", "/chart") else {}
        answer = requests.get(f"{api}{path}", params=needs, timeout=30)
        assert answer.status_code == 200, f"{path}: {answer.text}"
    for path in ("/signals", "/events", "/decisions"):
        answer = requests.get(f"{api}{path}", params={"symbol": "BTCUSDT"}, timeout=30)
        assert answer.status_code == 200, f"{path}: {answer.text}"
    system = requests.get(f"{api}/system", timeout=30).json()
    queues = {"telegram", "telegram_dead", "channels", "channels_dead", "dead_letters"}
    assert set(system["queues"]) == queues
    cost = system["cost"]
    assert 0 < cost["counted"]["closes"] <= 3 * 120  # as of the newest heartbeat
    assert 0 < cost["usd_estimate"] < 1
    assert "Here nothing is billed" in cost["basis"]  # an emulator, and known to be one
    counts = system["feed"]["metrics"]
    assert isinstance(counts["signals_count"], int)
    assert isinstance(counts["events_count"], int)
    assert len(requests.get(f"{api}/top", timeout=30).json()["top"]) == len(SYMBOLS)
    requested = requests.post(f"{api}/chat", json={"message": "What's trending?"}, timeout=30)
    assert requested.status_code == 200, requested.text
    assert "top" in requested.json()["used"]


def test_the_bot_answers_a_person(played: Played) -> None:
    before = len(played.system.telegram_get("/_local/messages")["messages"])
    url = f"{played.system.addresses.api}/telegram"
    update = {"update_id": 1, "message": {"text": "/status", "chat": {"id": 1}}}
    assert requests.post(url, json=update, timeout=30).status_code == 401
    assert len(played.system.telegram_get("/_local/messages")["messages"]) == before


def test_a_group_subscribes_and_a_broadcast_reaches_every_chat(played: Played) -> None:
    """With the rights the functions have: the webhook, the subscriptions, the queue, the chat."""
    person, group = (int(chat) for chat in LOCAL_CHATS)
    assert "all" in _answer_to(played, group, "/subscribe")
    assert "2 chats receive signals" in _answer_to(played, person, "/subscribers")
    assert "fixed rules" in _answer_to(played, person, "What's trending?")
    assert "On its way to 2 chats" in _answer_to(played, person, "/broadcast Hello to all")
    for chat in (person, group):
        found = until(
            partial(_messages, played, chat),
            lambda rows: any(row["text"].endswith("Hello to all") for row in rows),
            f"the word in {chat}",
        )
        assert sum(row["text"].endswith("Hello to all") for row in found) == 1
    assert "receives no signals" in _answer_to(played, group, "/unsubscribe")


def test_every_command_that_reads_is_answered(played: Played) -> None:
    person, signal = int(LOCAL_CHATS[0]), played.seen.signals[0]
    for command in (
        "/signals", f"/signals {signal.symbol}", f"/performance {signal.symbol}",
        f"/explain {signal.signal_id}", f"/explain {signal.symbol}", "/top", "/parked",
    ):  # fmt: skip
        assert _answer_to(played, person, command), command


def _messages(played: Played, chat: int) -> list[dict[str, Any]]:
    rows = played.system.telegram_get("/_local/messages")["messages"]
    return [row for row in rows if row["chat_id"] == chat]


def _answer_to(played: Played, chat: int, text: str) -> str:
    """Write in a chat; return the bot's answer."""
    url = f"{played.system.addresses.telegram}/_local/say"
    running = find(played.system.options.state_dir)
    assert running is not None
    with operator_session(running.access.telegram_token or "") as operator:
        result = operator.post(url, json={"chat_id": chat, "text": text}, timeout=20).json()
    (answer,) = until(
        lambda: [row for row in _messages(played, chat) if row["reply_to"] == result["message_id"]],
        lambda rows: len(rows) == 1,
        f"an answer to {text}",
    )
    return str(answer["text"])


def test_a_question_over_the_websocket_is_answered(played: Played) -> None:
    socket = websocket.create_connection(played.system.addresses.websocket, timeout=TIMEOUT_S)
    try:
        read = {"action": "chat", "id": "q", "message": "latest signals"}
        socket.send(json.dumps(read))
        delta, done = _chat_messages(socket)
        for question in ("latest BTCUSDT signals", "why BTCUSDT?", "performance", "open signals"):
            socket.send(json.dumps({**read, "message": question}))
            assert _chat_messages(socket)[1]["source"] == "rules", question
    finally:
        socket.close()
    assert (delta["type"], done["type"], done["source"]) == ("chat", "chat_done", "rules")
    assert done["used"] == ["signals"]
    assert any(symbol in done["answer"] for symbol in SYMBOLS)


def _chat_messages(socket: websocket.WebSocket) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the two messages of an answer, among those that every client gets."""
    found: list[dict[str, Any]] = []
    while len(found) < 2:
        message = json.loads(socket.recv())
        if message["type"].startswith("chat"):
            found.append(message)
    return found[0], found[1]


def test_repeated_facts_change_nothing(played: Played) -> None:
    before = played.collector.seen(wall_s=0.0)
    kinesis = played.system.aws.client("kinesis")
    stream = played.system.outputs["FeedStreamName"]
    again = [r for r in _records(played) if r["PartitionKey"] in ("BTCUSDT", "ETHUSDT")]
    assert len(again) >= 240
    for at in range(0, len(again), 100):
        kinesis.put_records(StreamName=stream, Records=again[at : at + 100])
    _wait_until_all_is_read(played)
    after = played.collector.seen(wall_s=0.0)
    assert after.signals == before.signals
    assert after.decisions == before.decisions
    assert after.telegram_at == before.telegram_at
    assert after.bars_stored == before.bars_stored


MINUTE = 1_767_582_000_000
FACT = to_dict(
    BarsFact(
        "BTCUSDT",
        (Bar("1m", MINUTE, 100.0, 101.0, 99.0, 100.0, 5.0),),
        "simulated",
        "ws",
        MINUTE + 60_000,
    )
)


def _changed(**fields: Any) -> bytes:
    return json.dumps(FACT | fields).encode()


def _bar(**fields: Any) -> bytes:
    return _changed(bars=[{**FACT["bars"][0], **fields}])


BROKEN = {
    "broken JSON": (b'{"v": 1, "kind": "bars"', "not JSON"),
    "no JSON at all": (b"\xff\xfe\x00", "not JSON"),
    "unknown kind": (_changed(kind="rumour"), "unknown kind"),
    "unknown symbol": (_changed(symbol="NOSUCHUSDT"), "unknown symbol"),
    "negative price": (_bar(open=-1.0, low=-1.0), "-1.0"),
    "NaN": (_bar(close=float("nan")), "nan"),
    "missing field": (_bar(high=None), "high"),
    "900 KB": (_changed(padding="x" * 900_000), "bytes"),
    "a tick of text": (
        json.dumps(
            {"v": 1, "kind": "ticks", "time": 1, "market": "live", "ticks": {"BTCUSDT": "up"}}
        ).encode(),
        "ticks",
    ),
}


def test_unreadable_records_go_to_the_dead_letters_and_the_shard_advances(
    played: Played,
) -> None:
    before = played.collector.seen(wall_s=0.0)
    kinesis = played.system.aws.client("kinesis")
    stream = played.system.outputs["FeedStreamName"]
    for name, (data, _reason) in BROKEN.items():
        kinesis.put_record(StreamName=stream, Data=data, PartitionKey=f"BTCUSDT {name}")
    dead_letters: dict[str, list[dict[str, Any]]] = {}
    until(
        lambda: _collect_dead_letters(played, dead_letters),
        lambda n: n >= len(BROKEN),
        "a dead letter for each",
    )
    for name, (data, reason) in BROKEN.items():
        found = dead_letters[f"BTCUSDT {name}"]
        assert len(found) == 1, name
        assert reason in found[0]["reason"], name
        assert found[0]["size"] == len(data)
        assert base64.b64decode(found[0]["data_base64_head"]) == data[:32_768]
    after = played.collector.seen(wall_s=0.0)
    assert (after.signals, after.bars_stored) == (before.signals, before.bars_stored)


def test_a_new_listing_is_processed_from_its_first_bar(played: Played) -> None:
    """A symbol becomes known by its (here empty) history; nothing else is needed."""
    kinesis = played.system.aws.client("kinesis")
    stream = played.system.outputs["FeedStreamName"]
    history = HistoryFact("NEWUSDT", "1m", (), "simulated")
    bars = BarsFact("NEWUSDT", (Bar("1m", MINUTE, 1, 1, 1, 1, 1.0),), "simulated", "ws", MINUTE)
    for fact in (history, bars):
        kinesis.put_record(StreamName=stream, Data=encode(fact), PartitionKey="NEWUSDT")
    until(
        lambda: played.collector.folded_until("NEWUSDT"),
        lambda t: t == MINUTE + 60_000,
        "folding the new symbol's bar",
    )


def _records(played: Played) -> list[dict[str, Any]]:
    """Everything the ingest task put on the stream, in order."""
    kinesis = played.system.aws.client("kinesis")
    stream = played.system.outputs["FeedStreamName"]
    shard = kinesis.list_shards(StreamName=stream)["Shards"][0]["ShardId"]
    at = kinesis.get_shard_iterator(
        StreamName=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    out: list[dict[str, Any]] = []
    while True:
        page = kinesis.get_records(ShardIterator=at, Limit=1000)
        out += [
            {"Data": row["Data"], "PartitionKey": row["PartitionKey"]} for row in page["Records"]
        ]
        if not page["Records"]:
            return out
        at = page["NextShardIterator"]


def _wait_until_all_is_read(played: Played) -> None:
    """Put a record that each of the two consumers refuses last; wait for both dead letters."""
    kinesis = played.system.aws.client("kinesis")
    stream = played.system.outputs["FeedStreamName"]
    for data in (_changed(kind="marker"), _changed(symbol="MARKERUSDT")):
        kinesis.put_record(StreamName=stream, Data=data, PartitionKey="marker")
    dead_letters: dict[str, list[dict[str, Any]]] = {}
    until(
        lambda: _collect_dead_letters(played, dead_letters), lambda n: n == 2, "reading all records"
    )


def _collect_dead_letters(played: Played, dead_letters: dict[str, list[dict[str, Any]]]) -> int:
    """Receive dead letters into `dead_letters` by partition key; return their number."""
    queue = played.system.outputs["DeadLetterQueueUrl"]
    sqs = played.system.aws.client("sqs")
    answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    for message in answer.get("Messages", []):
        dead_letter = json.loads(message["Body"])
        dead_letters.setdefault(dead_letter["partition_key"], []).append(dead_letter)
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return sum(len(rows) for rows in dead_letters.values())


@pytest.fixture
def system(played: Played) -> Iterator[LocalSystem]:
    """The running system; without a token again afterwards."""
    yield played.system
    set_token(played.system, "")


def test_a_client_without_the_token_receives_nothing(system: LocalSystem) -> None:
    with ExitStack() as stack:
        before = stack.enter_context(closing(Client(system)))
        assert before.receive()["type"] == "connected"  # it only listens
        set_token(system, TOKEN)
        without_token, with_token = (stack.enter_context(closing(Client(system))) for _ in range(2))
        assert requests.get(f"{system.addresses.api}/signals", timeout=30).status_code == 401

        error = without_token.receive()
        assert (error["type"], "a token is needed" in error["data"]["message"]) == ("error", True)
        without_token.send(action="resume", since=1)
        assert without_token.receive()["type"] == "refused"
        without_token.send(action="chat", id="q", message="latest signals")
        refused = without_token.receive()
        assert (refused["type"], refused["source"]) == ("chat_done", "error")

        with_token.send(action="resume", since=None, token=TOKEN)
        assert with_token.receives("connected")
        publish_status(system)
        assert with_token.receives("status")
        assert before.receives("refused")  # it was let in when there was no token
        assert set(without_token.answers_to_a_ping()) <= {"keepalive", "refused"}  # or it was ended
