"""send_telegram whole: a queue, tables and a secret of AWS's (moto), and a Bot API that listens."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from signalengine.facts.alerts import alert_for
from signalengine.signals import Signal, settled
from signalengine_aws.application import send_telegram
from signalengine_aws.channels.telegram import wiring
from signalengine_aws.channels.telegram.client import TelegramClient
from signalengine_aws.delivery.deliveries import Delivery, Status
from signalengine_aws.delivery.moves import Moves
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription
from signalengine_aws.messaging.sns import alert_message, signal_message
from signalengine_aws.runtime.config import ConfigError
from signalengine_aws.stores.alerts import DynamoAlerts, StoredAlert
from signalengine_aws.stores.closings import DynamoClosings

from functions.send_telegram.handler import handler
from infra.cli.deliveries.letters import DeadLetters
from infra.local.telegram.chats import Chat
from tests.aws.positions import open_signals
from tests.aws.world import World, new_world
from tests.functions.api_requests import ask
from tests.functions.conftest import forget_processes
from tests.functions.queue_stack import QueueStack, context, forget_processes_of
from tests.telegram_samples import CHANNEL, NOON, closed, end, signal, stepped
from tests.telegram_server import RunningTelegram, running_telegram

pytestmark = pytest.mark.enable_socket

OPENED, CLOSED = f"{signal().signal_id}#opened", f"{signal().signal_id}#closed"


class Stack(QueueStack):
    """The function with a Bot API that listens."""

    def __init__(self, world: World, telegram: RunningTelegram) -> None:
        self.telegram = telegram
        super().__init__(world, "telegram", handler, self.secret())

    def secret(self, **changes: str) -> str:
        values = {"token": self.telegram.token, "chat_id": "424242", "webhook_secret": "s3"}
        return json.dumps(values | changes)

    def remove(self) -> None:
        forget()
        super().remove()

    def environment(self) -> dict[str, str]:
        return {
            "TELEGRAM_SECRET_ARN": self.arn,
            "TELEGRAM_API_BASE": self.telegram.base,
            "TELEGRAM_PACE": "unlimited",
            "TELEGRAM_QUEUE_URL": self.queue_url,
            "TELEGRAM_DEAD_LETTER_URL": self.letters_url,
        }

    def drain_all(self) -> None:
        """Invoke until the queue is empty."""
        while self.drain() != (0, 0):
            self.show_hidden()

    def show_hidden(self) -> None:
        """Show retained messages again, at the time that it is."""
        self.pass_s(0)

    def delivery(self, event_id: str = OPENED) -> Delivery:
        found = send_telegram.deliveries_of("deliveries_table").get(event_id, CHANNEL)
        assert found is not None
        return found

    @property
    def sent(self) -> list[str]:
        return [row["text"].splitlines()[0] for row in self.telegram.messages]


def forget() -> None:
    """Start a new process of the function."""
    forget_processes_of(
        send_telegram._config, wiring.secret_of, send_telegram.deliveries_of, wiring.client_of
    )


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        yield made


@pytest.fixture
def stack(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    with running_telegram() as telegram:
        world.reset()
        forget()
        made = Stack(world, telegram)
        for key, value in made.environment().items():
            monkeypatch.setenv(key, value)
        yield made
        made.remove()


def test_opening_and_closing_arrive_once_and_in_a_thread(stack: Stack) -> None:
    stack.put(closed(), signal(), signal())
    assert stack.drain() == (3, 0)
    assert stack.sent == ["🟢 LONG BTCUSDT", "✅ TP HIT - LONG BTCUSDT"]
    opening, closing = stack.telegram.messages
    assert closing["reply_to"] == opening["message_id"]
    assert stack.delivery(CLOSED).status is Status.DELIVERED
    stack.put(signal(), closed())
    assert stack.drain() == (2, 0)
    assert len(stack.sent) == 2


patched = pytest.MonkeyPatch.context


def test_each_step_replies_to_the_opening_once_and_has_its_receipt(stack: Stack) -> None:
    one, open_ = stepped(), replace(stepped(), progress=())
    open_signals(open_)
    assert DynamoClosings("signals_table", "performance_table").advance(open_, one.progress)
    steps = [
        json.dumps(signal_message(replace(one, progress=one.progress[:n]), name, NOON).body)
        for n, name in ((1, "target1"), (2, "stop1"))
    ]
    stack.put(*steps, open_, *steps, settled(one, end()))
    stack.drain_all()
    first, *replies = stack.telegram.messages
    assert [row["text"].split(" - ")[0] for row in replies] == [
        "🎯 TP 1 HIT", "🛡️ STOP MOVED", "✅ TP HIT"
    ]  # fmt: skip
    assert {row["reply_to"] for row in replies} == {first["message_id"]}
    forget_processes()
    rows = ask(f"/signals/{one.signal_id}").body["receipts"]
    assert [(row["kind"], row["state"]) for row in rows] == [
        (name, "delivered") for name in ("opened", "target1", "stop1", "closed")
    ]  # fmt: skip


def test_each_subscribed_chat_gets_once_what_its_preferences_admit(world: World) -> None:
    """One chat gets all, one only shorts, one has no closings; a closing follows its opening.

    What a filter excludes takes no message of the queue and no delivery.
    """
    with (
        running_telegram("424242", "-77", "8", "9") as telegram,
        pytest.MonkeyPatch.context() as env,
    ):
        world.reset()
        forget()
        stack = Stack(world, telegram)
        for key, value in stack.environment().items():
            env.setenv(key, value)
        preferences = DynamoSubscriptions("subscriptions_table")
        preferences.save(Subscription("telegram:-77"))
        preferences.save(Subscription("telegram:8", direction="short"))
        preferences.save(Subscription("telegram:9", closed="off"))
        stack.put(signal())
        assert stack.drain() == (1, 0)
        assert stack.drain() == (2, 0)
        preferences.save(Subscription("telegram:10"))  # too late for this signal
        stack.put(closed(), closed())
        while stack.drain() != (0, 0):
            pass
        rows = [(row["chat_id"], row["text"].splitlines()[0]) for row in telegram.messages]
        reasons = {
            (row["channel"]["S"], row["event_id"]["S"].split("#")[1]): row["reason"]["S"]
            for row in world.rows("DELIVERIES_TABLE")
            if row.get("status") == {"S": "suppressed"}
        }
        stack.remove()
    opening, closing = "🟢 LONG BTCUSDT", "✅ TP HIT - LONG BTCUSDT"
    assert sorted(rows) == sorted(
        [(424242, opening), (-77, opening), (9, opening), (424242, closing), (-77, closing)]
    )
    assert reasons == {
        ("telegram:9", "closed"): "off: closed",
    }


def test_an_operators_word_reaches_every_chat_once(stack: Stack) -> None:
    DynamoSubscriptions("subscriptions_table").save(Subscription("telegram:-1"))
    word = {"kind": "announcement", "event_id": "announcement#7", "text": "<Hello>", "cursor": 1}
    stack.put(json.dumps(word), json.dumps(word))
    stack.drain()
    stack.drain()
    assert [row["text"] for row in stack.telegram.messages] == ["📣 From the operator\n<Hello>"]
    assert stack.delivery("announcement#7").status is Status.DELIVERED


def test_a_closing_that_came_first_stays_hidden_until_its_opening_is_sent(stack: Stack) -> None:
    stack.put(closed())
    assert stack.drain() == (1, 1)
    assert stack.drain() == (0, 0)
    stack.put(signal())
    stack.show_hidden()
    assert stack.drain() == (2, 0)
    assert len(stack.sent) == 2


def test_a_rate_limit_hides_the_message_for_its_seconds(stack: Stack) -> None:
    stack.telegram.fault("429", retry_after=35)
    stack.put(signal())
    assert stack.drain() == (1, 1)
    assert stack.drain() == (0, 0)
    stack.show_hidden()
    assert stack.drain() == (1, 1)  # shown too early: the pause holds for everyone
    stack.world.now += 35_000
    stack.show_hidden()
    assert stack.drain() == (1, 0)
    assert (len(stack.sent), stack.delivery().possible_duplicates) == (1, 0)


@pytest.mark.parametrize(
    ("kind", "copies"),
    [("500", 1), ("drop", 1), ("timeout_before", 1), ("timeout_after_delivery", 2)],
)
def test_no_answer_is_tried_again_and_counted(
    stack: Stack,
    kind: str,
    copies: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    impatient = partial(TelegramClient, read_timeout_s=0.3)
    monkeypatch.setattr(wiring, "TelegramClient", impatient)
    stack.telegram.fault(kind)
    stack.put(signal())
    assert stack.drain() == (1, 1)
    stack.show_hidden()
    assert stack.drain() == (1, 0)
    assert len(stack.sent) == copies
    assert stack.delivery().possible_duplicates == 1
    out = capsys.readouterr().out
    assert '"TelegramPossibleDuplicates"' in out
    assert stack.telegram.token not in out


def test_a_rejecting_chat_is_parked_and_counted_by_a_metric(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.telegram.fault("403")
    stack.put(signal(), signal(signal_id="another"))
    assert stack.drain() == (2, 2)
    assert stack.sent == []
    assert '"TelegramBlocked":[1.0]' in capsys.readouterr().out.replace(" ", "")
    stack.world.now += 31 * 60_000
    stack.show_hidden()
    assert stack.drain() == (2, 0)
    assert len(stack.sent) == 2


def test_every_copy_of_a_message_has_the_time_of_its_publication(stack: Stack) -> None:
    stack.telegram.server.bot.chats.migrate(Chat(-42), -1009)
    DynamoSubscriptions("subscriptions_table").save(Subscription("telegram:-1009"))
    stack.put(signal())
    published = stack.world.now
    stack.drain()
    stack.world.now += 700
    stack.drain()
    found = send_telegram.deliveries_of("deliveries_table").of(OPENED)
    assert len(found) == 2
    for one in found:
        assert one.sent_at is not None
        assert one.publish_latency_ms == one.sent_at - published
    assert {one.publish_latency_ms for one in found} == {0, 700}


def test_a_new_token_in_the_secret_ends_the_wait_for_every_chat(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.telegram.server.bot.chats.migrate(Chat(-42), -1009)
    DynamoSubscriptions("subscriptions_table").save(Subscription("telegram:-1009"))
    stack.secrets.update_secret(SecretId=stack.arn, SecretString=stack.secret(token="17:revoked"))
    stack.put(signal(), signal(signal_id="another"))
    assert stack.drain() == (2, 2)
    assert '"TelegramBlocked":[1.0]' in capsys.readouterr().out.replace(" ", "")
    assert send_telegram.deliveries_of("deliveries_table").address_states() == []
    stack.show_hidden()
    assert stack.drain() == (4, 4)
    assert "TelegramBlocked" not in capsys.readouterr().out
    stack.secrets.update_secret(SecretId=stack.arn, SecretString=stack.secret())
    stack.world.now += 5 * 60_000
    stack.show_hidden()
    assert stack.drain() == (4, 0)
    chats = [row["chat_id"] for row in stack.telegram.messages]
    assert sorted(chats) == [-1009, -1009, 424242, 424242]


def test_a_rejected_message_is_a_dead_letter(stack: Stack) -> None:
    stack.telegram.fault("error", description="Bad Request: message is too long")
    stack.put(signal(), "no JSON at all")
    assert stack.drain() == (2, 0)
    letters = {letter["reason"].partition(":")[0]: letter for letter in stack.letters}
    assert set(letters) == {"400", "not JSON"}
    assert "3f2a9c1d7e5b4a6088cc1234" in letters["400"]["body_head"]
    assert stack.delivery().status is Status.FAILED


def test_unknown_refusals_set_messages_aside_and_they_are_released_to_their_chat(
    stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    stack.telegram.fault("error", description="Bad Request: something new", times=3)
    stack.put(*(signal(signal_id=f"s{n}") for n in range(5)))
    assert stack.drain() == (5, 2)  # the third refusal parks the chat
    assert [vars(record)["dead_lettered"] for record in caplog.records] == [3]
    stack.world.now += 31 * 60_000
    stack.show_hidden()
    assert stack.drain() == (2, 0)
    letters = DeadLetters(
        stack.world.sqs, stack.world.dynamodb, stack.letters_url, stack.queue_url,
        "deliveries_table",
    )  # fmt: skip
    assert {row["address"] for row in letters.rows()} == {CHANNEL}
    assert letters.release(lambda _letter: True)["released"] == 3
    assert stack.drain() == (3, 0)
    assert len(stack.sent) == 5
    assert letters.rows() == []


def test_a_group_that_became_a_supergroup_gets_everything_once(stack: Stack) -> None:
    """Both orders: the opening finds out by itself, the closing comes after Telegram's notice."""
    chats = stack.telegram.server.bot.chats
    chats.migrate(Chat(-42), -1009)
    subscriptions = DynamoSubscriptions("subscriptions_table")
    subscriptions.save(Subscription("telegram:-42", direction="long"))
    stack.put(signal(), signal())
    stack.drain_all()
    deliveries = send_telegram.deliveries_of("deliveries_table")
    Moves(
        deliveries=deliveries, subscriptions=subscriptions, home=CHANNEL,
        clock=lambda: stack.world.now,
    ).move("telegram:-42", "-1009")  # fmt: skip
    stack.put(closed(), signal())
    stack.drain_all()
    rows = [row for row in stack.telegram.messages if row["chat_id"] == -1009]
    assert [(row["message_id"], row["reply_to"]) for row in rows] == [(1, None), (2, 1)]
    assert [one.channel for one in subscriptions.all() if one.active] == ["telegram:-1009"]
    moved = deliveries.of(OPENED)
    assert {one.channel: one.status for one in moved}["telegram:-1009"] is Status.DELIVERED


def test_at_the_normal_pace_a_burst_is_spread(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELEGRAM_PACE", "normal")
    stack.put(*(signal(signal_id=f"s{n}") for n in range(4)))
    assert stack.drain() == (4, 3)
    for left in (2, 1, 0):
        stack.world.now += 1_000
        stack.show_hidden()
        assert stack.drain() == (left + 1, left)
    assert len(stack.sent) == 4


def test_without_a_bot_everything_is_suppressed_and_counted(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.secrets.update_secret(SecretId=stack.arn, SecretString=stack.secret(token="", chat_id=""))
    stack.put(signal(), closed())
    assert stack.drain() == (2, 0)
    assert stack.sent == []
    assert '"TelegramSuppressed":[2.0]' in capsys.readouterr().out.replace(" ", "")
    rows = stack.world.rows("DELIVERIES_TABLE")
    assert [row["status"]["S"] for row in rows] == ["suppressed", "suppressed"]


def test_a_new_token_is_taken_up_within_five_minutes(stack: Stack) -> None:
    stack.secrets.update_secret(SecretId=stack.arn, SecretString=stack.secret(token="1:wrong"))
    stack.put(signal())
    assert stack.drain() == (1, 1)
    stack.secrets.update_secret(SecretId=stack.arn, SecretString=stack.secret())
    stack.world.now += 31 * 60_000
    stack.show_hidden()
    assert stack.drain() == (1, 0)


@pytest.mark.parametrize(
    ("key", "value"),
    [("TELEGRAM_QUEUE_URL", ""), ("TELEGRAM_SECRET_ARN", ""), ("TELEGRAM_PACE", "fast")],
)
def test_it_refuses_to_start_and_names_the_key(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, key: str, value: str
) -> None:
    monkeypatch.setenv(key, value)
    with pytest.raises(ConfigError, match=key):
        handler({"Records": []}, context())


# --- receipts in the open API --------------------------------------------------------------------


def receipts(subject: Signal) -> list[str]:
    """Return the channels of a signal's receipts, as everyone reads them."""
    forget_processes()
    answer = ask(f"/signals/{subject.signal_id}")
    assert answer.status == 200
    return [row["channel"] for row in answer.body["receipts"]]


def digests(*texts: str) -> set[str]:
    """Return every digest that a reader could make of some texts, also keyed with one of them."""
    raw = [text.encode() for text in ("", *texts)]
    made = [hashlib.new(kind, text).hexdigest() for kind in ("sha256", "md5") for text in raw]
    return {*made, *(hmac.new(key, text, "sha256").hexdigest() for key in raw for text in raw)}


def test_a_receipt_does_not_tell_whose_it_is(stack: Stack) -> None:
    """Not to a reader who knows the chat and everything else that is public."""
    open_signals(signal())
    stack.put(signal())
    stack.drain()
    (shown,) = receipts(signal())
    name, _, public_id = shown.partition(":")
    assert (name, len(public_id)) == ("telegram", 12)
    document = ask(f"/signals/{signal().signal_id}").body
    known = digests("424242", CHANNEL, shown, name, "signalengine", *map(str, flat(document)))
    assert not any(public_id in digest for digest in known)
    assert "424242" not in json.dumps(document["receipts"])


def flat(document: Any) -> Iterator[Any]:
    """Yield the plain values in a JSON document."""
    if isinstance(document, dict | list):
        for one in document.values() if isinstance(document, dict) else document:
            yield from flat(one)
    else:
        yield document


def test_a_chat_keeps_its_public_id_until_a_secret_changes(stack: Stack) -> None:
    subscriptions = DynamoSubscriptions("subscriptions_table")
    subscriptions.save(Subscription(CHANNEL))
    first, second, third = signal(), signal(signal_id="a" * 24), signal(signal_id="b" * 24)
    open_signals(first, second, third)
    stack.put(first)
    stack.drain()
    forget()
    stack.put(second)
    stack.drain()
    assert receipts(first) == receipts(second)
    secret = stack.secret(webhook_secret="another")
    stack.secrets.put_secret_value(SecretId=stack.arn, SecretString=secret)
    forget()
    before = receipts(first)
    stack.put(third)
    stack.drain()
    assert receipts(first) == before != receipts(third)


def test_a_receipt_of_an_older_version_shows_no_address(stack: Stack) -> None:
    open_signals(signal())
    send_telegram.deliveries_of("deliveries_table").save(Delivery(OPENED, CHANNEL, 0))
    assert receipts(signal()) == ["telegram"]


def test_a_price_alert_is_delivered_once_to_the_chat_that_asked(stack: Stack) -> None:
    alert = alert_for("BTCUSDT", 65_000.0, 64_000.0, 0.1, NOON)
    message = alert_message("alert#1", CHANNEL, alert, NOON + 60_000, "live", stack.world.now)
    text = json.dumps(message.body)
    stack.put(text, text)
    assert stack.drain() == (2, 0)
    stack.put(text)
    stack.drain_all()
    assert stack.sent == ["🎯 BTCUSDT $65,000.0"]
    assert stack.delivery("alert#1").status is Status.DELIVERED
    assert stack.letters == []


def test_a_chat_that_blocks_the_bot_loses_its_alerts(stack: Stack) -> None:
    key = "telegram:7"
    subscriptions = DynamoSubscriptions("subscriptions_table")
    subscriptions.save(Subscription(key))
    alerts = DynamoAlerts("subscriptions_table")
    alert = alert_for("BTCUSDT", 65_000.0, 64_000.0, 0.1, NOON)
    for channel in (key, CHANNEL):
        alerts.put(StoredAlert(alert, channel))
    stack.telegram.fault("403")
    message = alert_message("alert#1", key, alert, NOON + 60_000, "live", stack.world.now)
    stack.put(json.dumps(message.body))
    stack.drain_all()
    assert [one.channel for one in alerts.all()] == [CHANNEL]
