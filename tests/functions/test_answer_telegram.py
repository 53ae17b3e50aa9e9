"""answer_telegram whole: who is let in, what is answered, and who may change what."""

import base64
import json
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from signalengine.facts.lots import ContractSizes
from signalengine.facts.stream import HeartbeatFact
from signalengine.policy import default_policy
from signalengine.strategy.loading import load_shipped
from signalengine.strategy.sets import set_of
from signalengine.text.replies import COMMANDS
from signalengine_aws.api import reading
from signalengine_aws.application.heartbeats import status
from signalengine_aws.bot import settings as bot_settings
from signalengine_aws.bot import wiring as bot_wiring
from signalengine_aws.bot.dispatch import ENOUGH, PRIVATELY
from signalengine_aws.bot.floods import ANSWERED, CHANGED, MEMBER_ANSWERED, SECONDS
from signalengine_aws.bot.handled_updates import LEASE_MS
from signalengine_aws.bot.updates import authentic, read_update
from signalengine_aws.channels.telegram import wiring
from signalengine_aws.channels.telegram.client import TelegramClient, register_bot
from signalengine_aws.delivery import pacing
from signalengine_aws.delivery.deliveries import DynamoDeliveries
from signalengine_aws.delivery.pacing import AddressState
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription
from signalengine_aws.runtime import observability
from signalengine_aws.stores.alerts import DynamoAlerts
from signalengine_aws.stores.closings import DynamoClosings
from signalengine_aws.stores.signals import opened_item
from signalengine_aws.stores.state import DynamoFeed
from signalengine_aws.stores.tables import SignalItem, bind

from functions.answer_telegram.handler import handler
from infra.local.telegram.markup import parse_html
from tests.aws.positions import store_folded
from tests.aws.sets import register
from tests.aws.world import REGION, World, new_world
from tests.ollama_server import running_ollama
from tests.telegram_samples import NOON, end, short, signal
from tests.telegram_server import RunningTelegram, running_telegram

pytestmark = pytest.mark.enable_socket

SECRET = "webhook-secret"
OWNER, VISITOR, GROUP = 42, 7, -4242
PATIENCE_S = 30.0
_ids = iter(range(1, 1_000_000))


def update(**news: Any) -> dict[str, Any]:
    return {"update_id": next(_ids)} | news


def message(text: str, *, user: int = OWNER, **chat: Any) -> dict[str, Any]:
    return {
        "message_id": 7,
        "from": {"id": user, "is_bot": False},
        "chat": {"id": user, "type": "private"} | chat,
        "date": 0,
        "text": text,
    }


def event(body: Any, *, secret: str | None = SECRET) -> dict[str, Any]:
    """Return the HTTP API event of an update."""
    headers = {} if secret is None else {"x-telegram-bot-api-secret-token": secret}
    text = body if isinstance(body, str) else json.dumps(body)
    return {"version": "2.0", "headers": headers, "body": text, "isBase64Encoded": False}


def forget() -> None:
    for cached in (
        bot_wiring._config, wiring.secret_of, bot_wiring._bot,
        wiring.client_of, bot_wiring.updates, reading.reading,
    ):  # fmt: skip
        cached.cache_clear()


@pytest.fixture(scope="module")
def aws() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        secret = {"token": "17:x", "chat_id": str(OWNER), "webhook_secret": SECRET}
        client = boto3.client("secretsmanager", REGION)
        text = json.dumps(secret | {"admin_ids": [OWNER]})
        arn = client.create_secret(Name="telegram", SecretString=text)["ARN"]
        patch.setenv("TELEGRAM_SECRET_ARN", arn)
        patch.setenv("TELEGRAM_API_BASE", "http://127.0.0.1:9")  # nobody: ranks are unknown
        url = made.sqs.create_queue(QueueName="telegram")["QueueUrl"]
        patch.setenv("TELEGRAM_QUEUE_URL", url)
        yield made


@pytest.fixture
def world(aws: World) -> Iterator[World]:
    aws.reset()
    forget()
    yield aws
    forget()


def post(body: Any, **more: Any) -> tuple[int, dict[str, Any]]:
    answer = handler(event(body, **more), SimpleNamespace(aws_request_id="r1"))
    return answer["statusCode"], json.loads(answer["body"])


def reply(text: str, **more: Any) -> str:
    """Return what a message is answered, as people read it."""
    code, call = post(update(message=message(text, **more)))
    assert code == 200
    assert (call["method"], call["parse_mode"]) == ("sendMessage", "HTML")
    assert call["reply_parameters"]["message_id"] == 7
    return parse_html(call["text"]).text


def press(data: str, *, user: int = OWNER, **chat: Any) -> dict[str, Any]:
    """Return the method that answers a pressed button, {} for none."""
    query = {"id": "q", "from": {"id": user}, "message": message("x", user=user, **chat)}
    code, call = post(update(callback_query=query | {"data": data}))
    assert code == 200
    return call


def preferences(channel: int = OWNER) -> Subscription | None:
    return DynamoSubscriptions("subscriptions_table").get(f"telegram:{channel}")


def seed(world: World) -> None:
    """A recent heartbeat, one signal that ended well and one that is open."""
    world.now = NOON + 50 * 60_000
    digest = default_policy().digest
    won, running = (
        signal(policy_digest=digest, market="simulated"),
        short(policy_digest=digest, market="simulated", signal_id="b" * 24),
    )
    bind(SignalItem, "signals_table")
    for item in (won, running):
        opened_item(item, world.now).save()
    assert DynamoClosings("signals_table", "performance_table").close(won, end())
    beat = HeartbeatFact(
        NOON, "simulated", "task", ("BTCUSDT", "ETHUSDT"), {}, {"kline": 120}, 1, 0, 0, {}, 1.0, 1
    )
    stored = status(beat, watermark=NOON, received_at=world.now - 9_000, up_since=0, open_signals=1)
    DynamoFeed("state_table").put_heartbeat(stored)
    store_folded("BTCUSDT", NOON)


# --- who is let in -------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [None, "", "another", f"{SECRET}x"])
def test_an_update_without_the_secret_is_refused(world: World, secret: str | None) -> None:
    assert post(update(message=message("/stats")), secret=secret) == (401, {})
    assert world.rows("CALLS_TABLE") == []


def test_an_unset_secret_authenticates_no_update() -> None:
    assert not authentic(event({}, secret=""), "")
    assert not authentic({"headers": {}}, "")
    assert authentic(event({}), SECRET)


@pytest.mark.parametrize(
    "body",
    ["", "no JSON", "[]", '{"update_id": 1}', '{"update_id": 1, "message": {"chat": 5}}',
     '{"update_id": 1, "message": {"chat": {"id": 42}, "message_id": 1}}', "[" * 5_000,
     '{"update_id": 1, "callback_query": {"id": "x", "data": "top"}}',
     '{"update_id": 1, "callback_query": 5}', '{"update_id": 1, "my_chat_member": {}}',
     '{"update_id": "x", "message": {}}', '{"update_id": 1e999, "message": {}}'],
)  # fmt: skip
def test_a_malformed_update_is_accepted_without_an_answer(world: World, body: str) -> None:
    assert post(body) == (200, {})


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "9" * 3_000, "1e300"])
@pytest.mark.parametrize("field", ["update", "message", "user", "chat", "sender", "replied"])
def test_a_number_that_is_none_is_accepted_without_an_answer(
    world: World, field: str, number: str
) -> None:
    ids: dict[str, Any] = dict.fromkeys(("message", "user", "chat", "sender", "replied"), 5)
    ids = ids | {"update": next(_ids)} | {field: "NUMBER"}
    said = {
        "message_id": ids["message"],
        "from": {"id": ids["user"]},
        "chat": {"id": ids["chat"], "type": "private"},
        "sender_chat": {"id": ids["sender"]},
        "reply_to_message": {"from": {"id": ids["replied"], "is_bot": True}},
        "text": "/subscribe",
    }
    body = json.dumps({"update_id": ids["update"], "message": said})
    assert post(body.replace('"NUMBER"', number)) == (200, {})
    assert DynamoSubscriptions("subscriptions_table").all() == []


def test_a_base64_body_is_read() -> None:
    plain = event(update(message=message("/status")))
    packed = base64.b64encode(plain["body"].encode()).decode()
    assert read_update(plain | {"body": packed, "isBase64Encoded": True}) == read_update(plain)


# --- reading -------------------------------------------------------------------------------------


def test_every_command_is_answered_before_there_is_any_data(world: World) -> None:
    for name, _ in COMMANDS:
        assert reply(f"/{name}")
    assert "No data yet" in reply("/status")
    assert reply("/signals") == "No signals yet."
    assert "warming up" in reply("/top")
    unknown = "There is no command /unknown.\n\n"
    assert reply("/unknown") == unknown + reply("/help", user=VISITOR)
    assert reply("/explain latest") == "No signals yet."


def test_the_answers_show_stored_data(world: World) -> None:
    seed(world)
    assert "Last heartbeat 9 s ago" in reply("/status")
    assert "LONG BTCUSDT TP HIT +2.09%" in reply("/signals")
    assert "SHORT" not in reply("/signals btc")
    assert "Wins 1, losses 0" in reply("/stats@signalengine_bot now")
    assert "BTCUSDT: 1 closed signal\n" in reply("/performance btc")
    assert "Why LONG BTCUSDT" in reply(f"/explain {signal().signal_id}")
    assert "Why SHORT ETHUSDT" in reply("/explain eth")
    assert "██" in reply("/explain eth")
    assert "Why LONG BTCUSDT" in reply(f"/start why_{signal().signal_id}")
    assert reply("/explain").startswith("Which one?")
    assert "Why " in reply("/explain latest")
    assert reply(f"/explain {'0' * 24}") == "There is no signal with this id."


def test_a_position_size_is_answered_for_an_open_signal(world: World) -> None:
    seed(world)
    text = reply("/size eth 10,000 1%")
    assert "SHORT ETHUSDT: $10,000.00 at 1% risk" in text
    assert "Quantity " in text
    assert "Leverage of " in text
    assert text.endswith("Arithmetic, not advice: a gap through the stop loses more.")
    DynamoFeed("state_table").put_contracts(ContractSizes({"ETHUSDT": 0.0001}))
    assert re.search(r"at the entry \$[\d,]+\.\d{4}\n", reply("/size eth 10000 1%"))
    text = reply("/size eth 10,000 1%")
    assert reply("/size@signalengine_bot ETHUSDT 10k 1") == text
    assert "Margin $" in reply("/size eth 10000 1% 2x")
    assert reply("/size") == reply("/size eth")
    assert reply("/size").startswith("Which signal, account and risk?")
    ended = "No open signal: /size needs one"
    assert reply("/size btc 10000 1%").startswith(ended)
    assert reply(f"/size {signal().signal_id} 10000 1%").startswith(ended)
    assert reply(f"/size {'0' * 24} 10000 1%") == "There is no signal with this id."
    assert reply("/size etx 10000 1%") == reply("/signals etx")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("lots 1%", "the account as a number, like 10000 or 10k"),
        ("10,5 1%", "the account as a number, like 10000 or 10k"),
        ("0 1%", "account: above 0"),
        ("10000 one", "the risk in percent of the account, like 1%"),
        ("10000 0%", "risk: above 0 % and at most 100 %"),
        ("10000 1% high", "the leverage as a whole number, like 5x"),
        ("10000 1% 125x", "or liquidation may come before the stop"),
        ("10000 1% 5x now", "an account and a risk, like 10000 1%"),
    ],
)
def test_a_position_size_that_cannot_be_computed_says_why(
    world: World, words: str, reason: str
) -> None:
    seed(world)
    assert reason in reply(f"/size eth {words}")


def test_sets_have_statistics_pages_and_filters_of_their_own(world: World) -> None:
    seed(world)
    register(set_of(load_shipped("donchian"), {"name": "fast"}), "promote")
    for n in range(9):
        item = signal(signal_id=f"{n:024x}", strategy="donchian@fast", close_time=NOON - n * 60_000)
        opened_item(item, world.now).save()
    assert "No closed signals of donchian@fast yet" in reply("/stats Donchian@fast")
    assert (
        reply("/stats donchian@x")
        == "There is no strategy donchian@x. There are: classic, donchian@fast."
    )
    assert "Strategies: donchian@fast\n" in reply("/subscribe donchian@fast long")
    _, first = post(update(message=message("/signals")))
    ((older,),) = first["reply_markup"]["inline_keyboard"]
    assert older["callback_data"].startswith("own:")
    assert len(older["callback_data"].encode()) <= 64
    newest, further = parse_html(first["text"]).text, press(older["callback_data"])
    shown = newest + parse_html(further["text"]).text
    assert shown.count("donchian@fast") == 9


@pytest.mark.parametrize(
    "text", ["btc", "BTC/USDT", "$btc", "BINANCE:BTCUSDT.P", "btcusdt,", "ＢＴＣ"]
)
def test_a_symbol_is_read_however_it_is_written(world: World, text: str) -> None:
    seed(world)
    assert "BTCUSDT" in reply(f"/signals {text}")
    assert "BTCUSDT: 1 closed signal\n" in reply(f"/performance {text}")
    assert "Why LONG BTCUSDT" in reply(f"/explain {text}")
    assert "Symbols: BTCUSDT\n" in reply(f"/subscribe {text} long")


@pytest.mark.parametrize(
    ("text", "why"),
    [("BTCX", "BTCX is not followed. Did you mean BTCUSDT?"), ("<b>", "<b> is not followed; "),
     ("today", "today is not followed; followed are: BTCUSDT, ETHUSDT."),
     ("BTCUSD_PERP", "BTCUSD_PERP is settled in coins"), ("a/b/c", "a/b/c is not a symbol")],
)  # fmt: skip
def test_a_word_that_is_no_symbol_is_named(world: World, text: str, why: str) -> None:
    seed(world)
    for command in ("signals", "performance", "explain", "subscribe"):
        assert reply(f"/{command} {text}").startswith(why)


@pytest.mark.parametrize("words", ["What's trending?", "Show me best futures tokens"])
def test_free_questions_are_answered_by_the_chat(world: World, words: str) -> None:
    assert "Answered by fixed rules" in reply(words)


def test_a_question_of_one_side_is_answered_from_its_signals(world: World) -> None:
    seed(world)
    assert "Longs, the last 366 days (UTC): 1 closed signal" in reply("win rate of longs")


def test_a_user_over_the_limit_gets_the_seconds_to_wait(world: World) -> None:
    for _ in range(10):
        reply("win rate")
    assert reply("win rate").startswith("That is a lot of questions. Ask me again in ")
    assert reply("/stats")
    assert "lot of questions" not in reply("win rate", user=VISITOR)
    assert reply("x" * 501, user=VISITOR).startswith("Please ask in")


@pytest.mark.parametrize("text", ["/signals", "/top"])
def test_lists_have_buttons_that_work(world: World, text: str) -> None:
    seed(world)
    for data in ("top", "signals"):
        call = press(data)
        assert (call["method"], call["message_id"]) == ("editMessageText", 7)
    assert press(f"why:{signal().signal_id}")["method"] == "sendMessage"
    for data in ("old:nonsense", "old:", "pay:all", "", "subscribe:x:y" * 10):
        press(data)


# --- in groups -----------------------------------------------------------------------------------


def test_in_a_group_only_messages_for_the_bot_are_answered(world: World) -> None:
    group: dict[str, Any] = {"id": GROUP, "type": "supergroup"}
    assert post(update(message=message("hello all", **group))) == (200, {})
    assert post(update(message=message("/unknown", **group))) == (200, {})
    assert "No data yet" in reply("/status", **group)
    other = message("and now?", **group) | {"reply_to_message": {"from": {"id": 5, "is_bot": True}}}
    assert post(update(message=other)) == (200, {})
    mine = message("and now?", **group) | {"reply_to_message": {"from": {"id": 17, "is_bot": True}}}
    assert "fixed rules" in post(update(message=mine))[1]["text"]


def test_in_a_group_only_administrators_change_preferences(world: World) -> None:
    group = {"id": GROUP, "type": "group"}
    for text in ("/subscribe", "/unsubscribe", "/mute", "/quiet 1-2", "/timezone UTC"):
        assert "Only administrators" in reply(text, user=VISITOR, **group)
    assert press("mute:2h", user=VISITOR, **group) == {}
    assert preferences(GROUP) is None
    assert "This chat receives" in reply("/subscribe", **group)  # the engine's own operator may
    anonymous = message("/mute 1h", user=1, **group) | {"sender_chat": {"id": GROUP}}
    assert "Muted" in post(update(message=anonymous))[1]["text"]


def test_a_channel_subscribes_itself(world: World) -> None:
    said = message("/subscribe", id=-1001, type="channel")
    del said["from"]
    assert "This chat receives" in post(update(channel_post=said))[1]["text"]
    assert post(update(channel_post=said | {"text": "good morning"})) == (200, {})
    found = preferences(-1001)
    assert found is not None
    assert found.active


# --- preferences ---------------------------------------------------------------------------------


def test_a_user_sets_preferences(world: World) -> None:
    seed(world)
    assert reply("/mute", user=VISITOR).startswith("This chat receives no signals yet")
    text = reply("/subscribe BTC long min 60", user=VISITOR)
    assert "Symbols: BTCUSDT\nDirection: long\nScore: 60% or more" in text
    assert "then a digest" in reply("/quiet 23-07 digest", user=VISITOR)
    press("set:digest:off", user=VISITOR)
    assert "digest" not in reply("/quiet", user=VISITOR)
    press("set:digest:on", user=VISITOR)
    reply("/timezone Europe/Zurich", user=VISITOR)
    reply("/mute 30m", user=VISITOR)
    assert press("set:loud:closed:silent", user=VISITOR)["method"] == "editMessageText"
    assert preferences(VISITOR) == Subscription(
        f"telegram:{VISITOR}", symbols=("BTCUSDT",), direction="long", min_score=0.6,
        quiet=(23, 7), timezone="Europe/Zurich", muted_until=world.now + 1_800_000,
        closed="silent", digest_after_quiet=True, since=world.now, version=7,
    )  # fmt: skip
    assert "receives no signals" in reply("/unsubscribe", user=VISITOR)
    assert "Score: any" in reply("/subscribe", user=VISITOR)


def test_a_chat_is_answered_in_its_language(world: World) -> None:
    seed(world)
    spanish = message("/status", user=VISITOR)
    spanish["from"]["language_code"] = "es-MX"
    assert "En marcha" in post(update(message=spanish))[1]["text"]
    assert "Running" in reply("/status", user=VISITOR)  # of a Telegram in another language
    subscribing = spanish | {"text": "/subscribe BTC min 60"}
    text = post(update(message=subscribing))[1]["text"]
    assert "Este chat recibe" in text
    assert "60\u00a0% o más" in text
    assert "Idioma: Español" in text
    assert "En marcha" in reply("/status", user=VISITOR)  # its own from then on
    assert "This chat receives" in reply("/language english", user=VISITOR)
    assert reply("/language klingon", user=VISITOR).startswith("Which language?")
    found = preferences(VISITOR)
    assert found is not None
    assert found.language == "en"
    assert "Este chat recibe" in reply("/language es", user=VISITOR)
    assert "xyz no se sigue" in reply("/subscribe xyz", user=VISITOR)


def test_words_that_choose_nothing_change_nothing(world: World) -> None:
    seed(world)
    assert "<script>" in reply("/subscribe <script>")
    assert "like: /subscribe min 60" in reply("/subscribe min high")
    assert reply("/quiet late").startswith("From which hour")
    assert reply("/timezone Moon/Base").startswith("Which one?")
    assert preferences() is None


def test_a_chat_that_blocks_the_bot_is_unsubscribed(world: World) -> None:
    reply("/subscribe", user=VISITOR)
    gone = {"chat": {"id": VISITOR, "type": "private"}, "from": {"id": VISITOR}}
    kicked = gone | {"new_chat_member": {"status": "kicked"}}
    assert post(update(my_chat_member=kicked)) == (200, {})
    found = preferences(VISITOR)
    assert found is not None
    assert not found.active
    back = gone | {"new_chat_member": {"status": "member"}}
    assert post(update(my_chat_member=back)) == (200, {})


def test_a_chat_that_never_subscribed_gets_no_row(world: World) -> None:
    for text in (
        "/unsubscribe",
        "/mute 2h",
        "/unmute",
        "/quiet 1-2",
        "/timezone UTC",
        "/quiet",
        "/language es",
    ):
        assert "receives no signals" in reply(text, user=VISITOR)
    for data in (
        "set:unsubscribe",
        "mute:2h",
        "set:loud:closed:off",
        "set:quiet:1-2",
        "set:digest:x",
    ):
        press(data, user=VISITOR)
    gone = {"chat": {"id": VISITOR, "type": "private"}, "from": {"id": VISITOR}}
    post(update(my_chat_member=gone | {"new_chat_member": {"status": "kicked"}}))
    assert DynamoSubscriptions("subscriptions_table").all() == []


def test_the_configured_chat_can_unsubscribe_without_a_row(world: World) -> None:
    assert "receives no signals" in reply("/unsubscribe")
    found = preferences()
    assert found is not None
    assert not found.active


def test_a_chat_that_left_expires_but_for_the_configured_one(world: World) -> None:
    reply("/unsubscribe")
    for text in ("/subscribe long", "/unsubscribe"):
        reply(text, user=VISITOR)

    def ends() -> dict[str, bool]:
        rows = world.rows("SUBSCRIPTIONS_TABLE")
        return {row["channel"]["S"]: "ttl" in row for row in rows}

    assert ends() == {f"telegram:{OWNER}": False, f"telegram:{VISITOR}": True}
    reply("/subscribe", user=VISITOR)
    assert ends() == {f"telegram:{OWNER}": False, f"telegram:{VISITOR}": False}


def test_chats_that_left_take_no_place(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot_settings, "MAX_SUBSCRIPTIONS", 2)
    for user in (101, 102, 103):
        reply("/subscribe", user=user)
        reply("/unsubscribe", user=user)
    for user in (101, 104):
        assert "This chat receives" in reply("/subscribe", user=user)
    for user in (105, 102):  # with a row or without
        assert reply("/subscribe", user=user).startswith("There are too many subscriptions")
    assert "Score: 60%" in reply("/subscribe min 60", user=101)
    reply("/unsubscribe", user=104)
    assert "This chat receives" in reply("/subscribe", user=105)


# --- operators -----------------------------------------------------------------------------------


def test_operators_commands_are_for_operators(world: World) -> None:
    for text in ("/subscribers", "/parked", "/resume 5", "/remove 42", "/broadcast hello"):
        name = text.split()[0]
        unknown = f"There is no command {name}.\n\n"
        assert reply(text, user=VISITOR) == unknown + reply("/help", user=VISITOR)
    assert "/broadcast" in reply("/help")
    assert "/broadcast" not in reply("/help", user=VISITOR)
    reply("/subscribe min 60", user=VISITOR)
    assert reply("/subscribers").splitlines() == [
        "👥 2 chats receive signals", "42 all symbols", "7 all symbols, min 60",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["group", "supergroup"])
def test_operators_commands_are_not_answered_where_others_read(world: World, kind: str) -> None:
    reply("/subscribe", user=VISITOR)
    group: dict[str, Any] = {"id": GROUP, "type": kind}
    for text in ("/subscribers", "/parked", "/resume 7", "/broadcast hello"):
        assert reply(text, **group) == PRIVATELY
        assert silent(text, user=VISITOR, **group)
    url = bot_wiring._config().telegram_queue_url
    assert "Messages" not in world.sqs.receive_message(QueueUrl=url)


@pytest.mark.parametrize(
    "origin",
    [
        {"forward_origin": {"type": "user", "sender_user": {"id": VISITOR}, "date": 1}},
        {"forward_origin": {"type": "hidden_user", "sender_user_name": "x", "date": 1}},
        {"forward_from": {"id": VISITOR}},
        {"forward_from_chat": {"id": GROUP}},
        {"forward_sender_name": "x"},
        {"forward_date": 1},
        {"is_automatic_forward": True},
        {"via_bot": {"id": 5, "is_bot": True}},
    ],
)
@pytest.mark.parametrize(
    "text", ["/broadcast Send all coins", "/unsubscribe", "/start subscribe", "/subscribers"]
)
def test_words_of_others_are_no_commands(world: World, text: str, origin: dict[str, Any]) -> None:
    code, answer = post(update(message=message(text) | origin))
    assert code == 200
    assert "fixed rules" in answer["text"]  # a question, like any other text
    assert post(update(message=message(text, **IN_GROUP) | origin)) == (200, {})
    assert preferences() is None
    url = bot_wiring._config().telegram_queue_url
    assert "Messages" not in world.sqs.receive_message(QueueUrl=url)


def test_an_operator_sees_parked_chats_and_takes_them_up_again(world: World) -> None:
    assert reply("/parked") == "No chat is parked."
    deliveries = DynamoDeliveries("deliveries_table")
    deliveries.save_address_state(
        pacing.parked(AddressState("telegram:7"), world.now, "403: blocked <b>")
    )
    assert "7 until" in reply("/parked")
    assert reply("/resume 8").startswith("That chat is not parked")
    assert "written to again" in reply("/resume 7")
    assert reply("/parked") == "No chat is parked."


def test_an_operator_ends_the_subscription_of_a_topic_that_is_gone(world: World) -> None:
    store = DynamoSubscriptions("subscriptions_table")
    store.save(Subscription("telegram:-1001/5"))
    assert "no more signals" in reply("/remove -1001/5")
    assert [one.active for one in store.all()] == [False]
    assert reply("/remove -1001/5").startswith("That chat receives no signals")
    assert "no more signals" in reply("/remove 42")  # the configured chat, which had no row
    assert reply("/subscribers") == "👥 0 chats receive signals"


def test_a_broadcast_is_put_into_the_queue_once_however_often_telegram_sends_it(
    world: World,
) -> None:
    news = update(message=message("/broadcast Maintenance at 12:00 <UTC>"))
    assert "On its way to 1 chat." in post(news)[1]["text"]
    assert post(news) == (200, {})
    url = bot_wiring._config().telegram_queue_url
    got = world.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    (sent,) = [json.loads(one["Body"]) for one in got]
    assert sent["text"] == "Maintenance at 12:00 <UTC>"
    assert sent["event_id"] == f"announcement#{news['update_id']}"
    assert reply("/broadcast").startswith("What shall I tell?")


# --- floods --------------------------------------------------------------------------------------


# --- forgetting ----------------------------------------------------------------------------------


def rows_of(world: World, channel: str) -> list[dict[str, Any]]:
    """The rows that name a chat, of every table."""
    return [
        row for rows in world.everything().values() for row in rows if channel in json.dumps(row)
    ]


def priced(world: World) -> None:
    """A heartbeat with a price."""
    seed(world)
    beat = HeartbeatFact(
        NOON + 60_000, "live", "task", ("BTCUSDT",), {"BTCUSDT": 64_000.0}, {}, 1, 0, 0, {}, 1.0, 1
    )
    DynamoFeed("state_table").put_heartbeat(
        status(beat, watermark=NOON, received_at=world.now, up_since=0, open_signals=0)
    )


def test_a_price_alert_is_set_listed_and_ended_by_its_chat(world: World) -> None:
    priced(world)
    assert "/subscribe first" in reply("/alert btc 65,000", user=VISITOR)
    reply("/subscribe", user=VISITOR)
    assert "BTCUSDT" in reply("/alert btc 65,000", user=VISITOR)
    (stored,) = DynamoAlerts("subscriptions_table").all()
    assert (stored.channel, stored.alert.symbol) == (f"telegram:{VISITOR}", "BTCUSDT")
    assert (stored.alert.price, stored.alert.direction) == (65_000.0, "above")
    assert "1 of 20" in reply("/alerts", user=VISITOR)
    assert "0 of 20" in reply("/alerts")
    press(f"set:alerts:{stored.alert_id}")  # of another chat
    assert DynamoAlerts("subscriptions_table").all() == [stored]
    assert press(f"set:alerts:{stored.alert_id}", user=VISITOR)["method"] == "editMessageText"
    assert DynamoAlerts("subscriptions_table").all() == []
    assert "eth is not followed" in reply("/alert eth 4000", user=VISITOR)


def test_a_user_has_the_chat_forgotten_once_that_is_confirmed(world: World) -> None:
    priced(world)
    reply("/subscribe", user=VISITOR)
    reply("/alert btc 65000", user=VISITOR)
    assert len(DynamoAlerts("subscriptions_table").all()) == 1
    deliveries = DynamoDeliveries("deliveries_table")
    deliveries.save_address_state(pacing.parked(AddressState(f"telegram:{VISITOR}"), 1, "refused"))
    assert reply("/forget", user=VISITOR).startswith("Forget this chat?")
    assert preferences(VISITOR) is not None
    for _ in range(2):
        call = press("set:forget:yes", user=VISITOR)
        assert call["method"] == "editMessageText"
        assert call["text"].startswith("Forgotten")
        assert rows_of(world, f"telegram:{VISITOR}") == []
    assert "receives no signals" in reply("/quiet", user=VISITOR)


def test_the_configured_chat_is_not_forgotten_by_a_command(world: World) -> None:
    reply("/mute 2h")
    assert "operator has to remove it" in reply("/forget")
    press("set:forget:yes")
    assert preferences() is not None


def test_no_log_line_has_a_chats_id_or_what_was_written(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "read_here")  # a logger of this test's output
    observability.logger.cache_clear()
    chat, words = 987_654_321, "Is the moon made of cheese?"
    for text in ("/start", "/subscribe", "/mute 2h", words, "/nonsense"):
        reply(text, user=chat)
    press("set:unsubscribe", user=chat)
    press("set:forget:yes", user=chat)
    out = capsys.readouterr().out
    observability.logger.cache_clear()
    assert '"what":"subscribe"' in out
    assert str(chat) not in out
    assert words not in out


def test_a_member_has_no_group_forgotten(world: World) -> None:
    reply("/subscribe", **IN_GROUP)
    assert "Only administrators" in reply("/forget", user=VISITOR, **IN_GROUP)
    press("set:forget:yes", user=VISITOR, **IN_GROUP)
    assert preferences(GROUP) is not None


IN_GROUP: dict[str, Any] = {"id": GROUP, "type": "group"}


def silent(text: str, **more: Any) -> bool:
    return post(update(message=message(text, **more))) == (200, {})


def test_a_chat_over_the_limit_gets_one_notice_and_then_nothing(world: World) -> None:
    """Commands, questions and buttons together; an operator's own commands are not counted."""
    for _ in range(ANSWERED // 2):
        assert "/signals" in reply("/help", user=VISITOR)
        assert press("top", user=VISITOR)["method"] == "editMessageText"
    assert reply("/top", user=VISITOR) == ENOUGH
    assert silent("/signals", user=VISITOR)
    assert press("signals", user=VISITOR) == {}
    for _ in range(ANSWERED + 1):
        reply("/help")
    assert silent("/help")
    assert "1 chat receives signals" in reply("/subscribers")
    assert "/signals" in reply("/help", user=VISITOR, **IN_GROUP)  # another chat
    world.now += SECONDS * 1000
    assert "/signals" in reply("/help", user=VISITOR)


def test_a_member_over_the_limit_takes_nothing_from_the_others(world: World) -> None:
    for _ in range(MEMBER_ANSWERED):
        assert "/signals" in reply("/help", user=VISITOR, **IN_GROUP)
    assert reply("/help", user=VISITOR, **IN_GROUP) == ENOUGH
    for _ in range(ANSWERED):
        assert silent("/help", user=VISITOR, **IN_GROUP)
        assert press("top", user=VISITOR, **IN_GROUP) == {}
    for _ in range(ANSWERED - MEMBER_ANSWERED - 1):
        assert "/signals" in reply("/help", user=8, **IN_GROUP)
    assert reply("/help", user=9, **IN_GROUP) == ENOUGH
    assert silent("/help", user=10, **IN_GROUP)


def test_a_busy_chat_can_be_muted_and_unsubscribed(world: World) -> None:
    assert "This chat receives" in reply("/subscribe", **IN_GROUP)
    for user in (VISITOR, 8):
        for _ in range(ANSWERED):
            post(update(message=message("/top", user=user, **IN_GROUP)))
            post(update(message=message("/unsubscribe", user=user, **IN_GROUP)))
            press("set:unsubscribe", user=user, **IN_GROUP)
            press("set:nonsense", user=user, **IN_GROUP)
    assert silent("/mute 2h", user=9, **IN_GROUP)  # a member's is refused, and refusals count
    assert "Muted" in reply("/mute 2h", **IN_GROUP)
    assert press("set:loud:closed:silent", **IN_GROUP)["method"] == "editMessageText"
    assert "receives no signals" in reply("/unsubscribe", **IN_GROUP)
    for _ in range(ANSWERED + 1):
        reply("/help", user=VISITOR)
    assert "This chat receives" in reply("/start subscribe", user=VISITOR)
    assert "receives no signals" in reply("/unsubscribe", user=VISITOR)


def test_changes_have_a_limit_of_their_own(world: World) -> None:
    for _ in range(CHANGED):
        assert "receives no signals" in reply("/unsubscribe", user=VISITOR)
    assert reply("/unsubscribe", user=VISITOR) == ENOUGH
    assert silent("/subscribe", user=VISITOR)
    assert preferences(VISITOR) is None


def test_what_is_not_for_the_bot_is_not_counted(world: World) -> None:
    for _ in range(ANSWERED + 5):
        post(update(message=message("hello all", id=GROUP, type="group")))
        post(update(message=message("/weather", user=VISITOR, id=GROUP, type="group")))
    assert "/signals" in reply("/help", id=GROUP, type="group")


# --- redelivery ----------------------------------------------------------------------------------


def test_an_update_that_is_being_answered_is_sent_away_and_answered_after_a_crash(
    world: World,
) -> None:
    news = update(message=message("/help"))
    assert bot_wiring.updates().begin(news["update_id"]) == "ours"
    assert post(news) == (503, {})
    world.now += LEASE_MS + 1
    assert post(news)[0] == 200
    assert post(news) == (200, {})
    assert all("ttl" in row for row in world.rows("CALLS_TABLE"))


# --- over HTTP -----------------------------------------------------------------------------------


class Api(BaseHTTPRequestHandler):
    """API Gateway in front of the function."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = {"headers": headers, "body": body, "isBase64Encoded": False}
        answer = handler(request, SimpleNamespace(aws_request_id="r1"))
        data = answer["body"].encode()
        self.send_response(answer["statusCode"])
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: Any) -> None:
        """Keep the test's output clean."""


def wait_for(telegram: RunningTelegram, count: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + PATIENCE_S
    while len(telegram.messages) < count and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    rows = telegram.messages
    assert len(rows) == count
    return rows


def wait_for_edit(telegram: RunningTelegram, message_id: int) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        (row,) = [row for row in telegram.messages if row["message_id"] == message_id]
        if row["edited"]:
            break
        threading.Event().wait(0.02)
    return row


def test_a_slow_answer_of_a_model_is_sent_by_a_call(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A webhook's reply is lost once Telegram or API Gateway has given up waiting."""
    seed(world)
    with (
        running_telegram("42", str(GROUP)) as telegram,
        running_ollama(["BTCUSDT leads."], ["Again."]) as ollama,
    ):
        monkeypatch.setenv("OLLAMA_BASE_URL", ollama.base)
        use_telegram(telegram, monkeypatch)
        question = update(message=message("Who leads?"))
        assert post(question) == (200, {})
        (sent,) = telegram.messages
        assert "BTCUSDT leads." in sent["text"]
        assert post(question) == (200, {})  # Telegram comes again: it was answered
        telegram.request("POST", "/_local/block", {"chat_id": 42, "blocked": True})
        assert post(update(message=message("And now?"))) == (200, {})
        assert [row["chat_id"] for row in telegram.messages] == [42]
        assert len(ollama.requests) == 2


def use_telegram(telegram: RunningTelegram, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the function talk to this Telegram."""
    secret = {"token": telegram.token, "chat_id": "42", "webhook_secret": SECRET}
    arn = boto3.client("secretsmanager", REGION).create_secret(
        Name=f"telegram-{next(_ids)}", SecretString=json.dumps(secret | {"admin_ids": [42]})
    )["ARN"]
    monkeypatch.setenv("TELEGRAM_SECRET_ARN", arn)
    monkeypatch.setenv("TELEGRAM_API_BASE", telegram.base)
    forget()


def test_a_person_writes_presses_and_reads(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Telegram, the webhook and the function together: register, ask, press, read."""
    seed(world)
    with (
        running_telegram("42", str(GROUP)) as telegram,
        ThreadingHTTPServer(("127.0.0.1", 0), Api) as api,
    ):
        threading.Thread(target=api.serve_forever, args=(0.01,), daemon=True).start()
        use_telegram(telegram, monkeypatch)
        client = TelegramClient(telegram.token, base_url=telegram.base)
        register_bot(client, f"http://127.0.0.1:{api.server_port}/telegram", SECRET, [42])
        say = {"chat_id": 42, "text": "/signals"}
        telegram.request("POST", "/_local/say", say)
        (listed,) = wait_for(telegram, 1)
        telegram.request("POST", "/_local/say", say | {"text": "/subscribe"})
        _, settings = wait_for(telegram, 2)
        pressed = {"chat_id": 42, "message_id": settings["message_id"]}
        telegram.request("POST", "/_local/press", pressed | {"data": "set:loud:opened:silent"})
        changed = wait_for_edit(telegram, settings["message_id"])
        group = {"chat_id": GROUP, "text": "@SignalEngine_local_bot what's trending?"}
        telegram.request("POST", "/_local/say", group | {"user_id": 7})
        *_, answered = wait_for(telegram, 3)
        telegram.request("POST", "/_local/say", group | {"text": "/subscribe", "user_id": 7})
        *_, refused = wait_for(telegram, 4)
        telegram.request("POST", "/_local/say", group | {"text": "/subscribe"})
        *_, allowed = wait_for(telegram, 5)
        toasts = telegram.request("GET", "/_local/chats")[1]["toasts"]
        api.shutdown()
    assert listed["text"].startswith("Newest signals")
    assert "Openings silent" in changed["text"]
    assert [toast["text"] for toast in toasts] == ["Done"]
    assert "fixed rules" in answered["text"]
    assert refused["text"].startswith("Only administrators")
    assert "This chat receives" in allowed["text"]
