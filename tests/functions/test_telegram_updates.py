"""answer_telegram: updates as people and Telegram really send them."""

import json
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.bot import dispatch
from signalengine_aws.bot.settings import ELSEWHERE, NOT_ALLOWED
from signalengine_aws.bot.updates import Written, read_update
from signalengine_aws.channels.telegram.client import (
    ALLOWED_UPDATES,
    TelegramClient,
    register_bot,
)
from signalengine_aws.delivery import pacing
from signalengine_aws.delivery.deliveries import DynamoDeliveries
from signalengine_aws.delivery.pacing import AddressState
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription

from infra.local.telegram.markup import parse_html
from tests.aws.world import World
from tests.examples import examples
from tests.functions.test_answer_telegram import (
    GROUP,
    OWNER,
    SECRET,
    VISITOR,
    Api,
    aws,
    event,
    message,
    post,
    reply,
    update,
    use_telegram,
    wait_for,
    world,
)
from tests.telegram_server import running_telegram

__all__ = ["aws", "world"]

pytestmark = pytest.mark.enable_socket

FORUM = -1001234
IN_GROUP: dict[str, Any] = {"id": GROUP, "type": "supergroup"}
IN_FORUM: dict[str, Any] = {"id": FORUM, "type": "supergroup", "is_forum": True}


@pytest.fixture
def named(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Telegram answers, so that the bot knows its name: @SignalEngine_local_bot."""
    with running_telegram("42", str(GROUP), f"forum:{FORUM}") as telegram:
        use_telegram(telegram, monkeypatch)
        yield world


def stored(key: str) -> Subscription | None:
    return DynamoSubscriptions("subscriptions_table").get(f"telegram:{key}")


def ignored(news: dict[str, Any]) -> bool:
    return post(update(**news)) == (200, {})


def in_topic(text: str, topic: int, **more: Any) -> dict[str, Any]:
    """Return a message in a topic; its thread begins with the message that made the topic."""
    made = {"message_id": topic, "from": {"id": 17, "is_bot": True}, "forum_topic_created": {}}
    said = message(text, **{**IN_FORUM, **more})
    return said | {"message_thread_id": topic, "is_topic_message": True, "reply_to_message": made}


# --- commands ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "/status",
        "/STATUS",
        "/status@SignalEngine_local_bot",
        "/status@SIGNALENGINE_LOCAL_BOT now",
        "/status@signalengine_local_bot,",
    ],
)
def test_commands_for_this_bot_are_answered(named: World, text: str) -> None:
    assert "No data yet" in reply(text, **IN_GROUP)


@pytest.mark.parametrize(
    "text",
    [
        "/top@otherbot",
        "/top@OtherBot all",
        "/subscribe@otherbot",
        "/start@otherbot subscribe",
        "/help@signalengine_local_bot2",
    ],
)
def test_commands_for_other_bots_are_ignored(named: World, text: str) -> None:
    assert ignored({"message": message(text, **IN_GROUP)})
    assert ignored({"message": message(text)})
    assert DynamoSubscriptions("subscriptions_table").all() == []


def test_while_telegram_names_no_bot_every_command_is_taken_for_ours(world: World) -> None:
    assert "No data yet" in reply("/status@somebot", **IN_GROUP)


@pytest.mark.parametrize(
    ("text", "quiet"),
    [
        ("/quiet\u00a022-7", (22, 7)), ("/quiet\n22-7", (22, 7)), ("\u200e/quiet 22-7", (22, 7)),
        ("\u200f\n/QUIET  22:00–07:00", (22, 7)), ("/quiet ٢٢-٧", (22, 7)),
        ("／quiet 22-7", (22, 7)), ("/quiet: 10pm-7am", (22, 7)),
    ],
)  # fmt: skip
def test_commands_as_keyboards_write_them(world: World, text: str, quiet: tuple[int, int]) -> None:
    reply("/subscribe", user=VISITOR)
    reply(text, user=VISITOR)
    found = stored(str(VISITOR))
    assert found is not None
    assert found.quiet == quiet


def test_a_refused_zone_or_hour_is_answered_with_what_was_meant(world: World) -> None:
    reply("/subscribe")
    assert reply("/timezone CEST").endswith("Did you mean /timezone Europe/Berlin?")
    assert "/quiet 22-07 or /quiet 22-19" in reply("/quiet 10pm-7")
    assert "Quiet 22-07 UTC" in reply("/quiet 10pm-7am")
    assert "Quiet 22-07 UTC+2" in reply("/timezone GMT+02:00")
    assert "Quiet 22-07 Europe/Kyiv" in reply("/timezone kyiv")


def test_a_link_works_in_private_and_in_a_group(named: World) -> None:
    assert "This chat receives" in reply("/start subscribe", user=VISITOR)
    assert "This chat receives" in reply("/start@SignalEngine_local_bot subscribe", **IN_GROUP)
    for payload in ("why_" + "0" * 24, "why_", "_" * 64, "subscribe2", "-"):
        assert reply(f"/start {payload}")


@pytest.mark.parametrize("kind", ["edited_message", "edited_channel_post"])
def test_an_edited_command_counts_as_it_was_first_sent(world: World, kind: str) -> None:
    assert kind not in ALLOWED_UPDATES
    assert ignored({kind: message("/unsubscribe") | {"edit_date": 1}})
    assert stored(str(OWNER)) is None


def test_other_bots_are_not_answered(named: World) -> None:
    said = message("@SignalEngine_local_bot what's trending?", **IN_GROUP)
    assert ignored({"message": said | {"from": {"id": 5, "is_bot": True}}})
    assert post(update(message=said))[1]["text"]


def test_half_a_surrogate_pair_is_answered_like_any_text(world: World) -> None:
    for text in ("\ud83d", "/broadcast \ud83d", "/subscribe \ud83d", "/explain \ude00"):
        assert post(update(message=message(text)))[0] == 200


def test_an_answer_of_many_emojis_is_sent_in_parts(
    named: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telegram counts UTF-16 code units, of which most emojis have two."""
    long = f"<b>{'😀' * 3_000}</b>"
    monkeypatch.setattr(dispatch, "start_text", lambda: long)
    sent: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(
        "signalengine_aws.application.answer_telegram.call",
        lambda method, params: sent.append((method, params)),
    )
    _, last = post(update(message=message("/start")))
    texts = [parse_html(params["text"]).text for _, params in sent]
    assert [len(text) for text in texts] == [2_048]
    assert len(parse_html(last["text"]).text) == 3_000 - 2_048
    assert "reply_markup" in last
    assert "reply_markup" not in sent[0][1]


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.dictionaries(st.text(max_size=5), inner, max_size=2) | st.lists(inner),
    max_leaves=3,
)
FIELDS = st.sampled_from(
    ["text", "from", "chat", "message_id", "message_thread_id", "is_topic_message", "sender_chat",
     "reply_to_message", "migrate_to_chat_id", "migrate_from_chat_id", "forum_topic_reopened",
     "new_chat_member", "message", "data", "id"]
)  # fmt: skip


@given(
    st.sampled_from(["message", "channel_post", "callback_query", "my_chat_member"]),
    st.dictionaries(FIELDS, ANY, max_size=2),
)
@examples(150)
def test_any_update_is_read_or_ignored(kind: str, changes: dict[str, Any]) -> None:
    said = in_topic("/top@bot now", 5)
    news = said | {"id": "q", "data": "top", "message": said, "new_chat_member": {"status": "left"}}
    found = read_update(event(json.dumps({"update_id": 1, kind: news | changes})))
    assert changes or found is not None
    if found is not None:
        assert found.place.channel.startswith("telegram:")
    if isinstance(found, Written):
        assert isinstance(found.command, str | None)
        assert found.rest in said["text"] + found.text


# --- topics --------------------------------------------------------------------------------------


def test_topics_subscribe_apart_and_general_is_the_chat(world: World) -> None:
    for topic, words in ((5, "min 60"), (6, "long")):
        code, answer = post(update(message=in_topic(f"/subscribe {words}", topic)))
        assert (code, answer["message_thread_id"]) == (200, topic)
    general = post(update(message=message("/subscribe short", **IN_FORUM)))[1]
    assert "message_thread_id" not in general
    known = {one.channel: one for one in DynamoSubscriptions("subscriptions_table").all()}
    five, six, chat = (known[f"telegram:{FORUM}{topic}"] for topic in ("/5", "/6", ""))
    assert (five.min_score, six.direction, chat.direction) == (0.6, "long", "short")
    post(update(message=in_topic("/unsubscribe", 5)))
    known = {one.channel: one for one in DynamoSubscriptions("subscriptions_table").all()}
    assert [key for key, one in known.items() if not one.active] == [five.channel]


def test_a_chain_of_replies_is_no_topic(world: World) -> None:
    """Outside forums a message has the number of its thread, which nothing can be sent into."""
    said = message("/subscribe", **IN_GROUP) | {"message_thread_id": 99}
    assert "message_thread_id" not in post(update(message=said))[1]
    assert stored(str(GROUP)) is not None


def test_a_topic_that_the_bot_made_is_not_a_talk_with_it(world: World) -> None:
    assert ignored({"message": in_topic("hello all", 5)})


def test_buttons_in_a_topic_change_that_topic(world: World) -> None:
    post(update(message=in_topic("/subscribe", 5)))
    query = {"id": "q", "from": {"id": OWNER}, "message": in_topic("x", 5), "data": "mute:2h"}
    assert post(update(callback_query=query))[1]["message_thread_id"] == 5
    found = stored(f"{FORUM}/5")
    assert found is not None
    assert found.muted_until == world.now + 7_200_000


def test_a_topic_learns_where_the_chat_receives_its_signals(world: World) -> None:
    """A subscription from before topics had their own is the General topic's."""
    reply("/subscribe", **IN_FORUM)
    assert post(update(message=in_topic("/unsubscribe", 5)))[1]["text"] == ELSEWHERE
    assert stored(f"{FORUM}/5") is None
    assert "receives no signals" in reply("/unsubscribe", **IN_FORUM)


def parked(world: World, *keys: str) -> DynamoDeliveries:
    store = DynamoDeliveries("deliveries_table")
    for key in keys:
        store.save_address_state(
            pacing.parked(AddressState(f"telegram:{key}"), world.now, "TOPIC_CLOSED")
        )
    return store


@pytest.mark.parametrize(
    ("event", "topic", "key"),
    [
        ("forum_topic_reopened", 5, f"{FORUM}/5"),
        ("forum_topic_reopened", None, f"{FORUM}"),
        ("general_forum_topic_unhidden", None, f"{FORUM}"),
    ],
)
def test_a_topic_that_was_opened_again_is_written_to_again(
    world: World, event: str, topic: int | None, key: str
) -> None:
    keys = (f"{FORUM}/5", f"{FORUM}/6", f"{FORUM}")
    store = parked(world, *keys)
    news = message("", **IN_FORUM) | {event: {}}
    del news["text"]
    if topic:
        news |= {"message_thread_id": topic, "is_topic_message": True}
    assert ignored({"message": news})
    waiting = [one for one in keys if store.address_state(f"telegram:{one}").parked_reason]
    assert waiting == [one for one in keys if one != key]


# --- chats ---------------------------------------------------------------------------------------


def test_rights_that_came_back_end_the_pause_of_the_chat_and_its_topics(world: World) -> None:
    store = parked(world, f"{FORUM}", f"{FORUM}/5", "7")
    change = {
        "chat": IN_FORUM,
        "from": {"id": OWNER},
        "new_chat_member": {"status": "administrator"},
    }
    assert ignored({"my_chat_member": change})
    waiting = [one.channel for one in store.address_states() if one.parked_reason]
    assert waiting == ["telegram:7"]


def test_a_removal_ends_every_topic(world: World) -> None:
    for topic in (5, 6):
        post(update(message=in_topic("/subscribe", topic)))
    reply("/subscribe", user=VISITOR)
    change = {"chat": IN_FORUM, "from": {"id": OWNER}, "new_chat_member": {"status": "left"}}
    assert ignored({"my_chat_member": change})
    active = [one.channel for one in DynamoSubscriptions("subscriptions_table").all() if one.active]
    assert active == [f"telegram:{VISITOR}"]


@pytest.mark.parametrize("order", [("to", "from"), ("from", "to"), ("left", "to", "from")])
def test_a_group_that_became_a_supergroup_keeps_its_subscription(
    world: World, order: tuple[str, ...]
) -> None:
    group = {"id": -42, "type": "group"}
    reply("/subscribe min 60", **group)
    supergroup = {"id": -1009, "type": "supergroup"}
    removal = {"chat": group, "from": {"id": 1}, "new_chat_member": {"status": "left"}}
    news: dict[str, dict[str, Any]] = {
        "to": {"message": message("", **group) | {"migrate_to_chat_id": -1009}},
        "from": {"message": message("", **supergroup) | {"migrate_from_chat_id": -42}},
        "left": {"my_chat_member": removal},
    }
    for name in (*order, *order):
        assert ignored(news[name])
    known = {one.channel: one for one in DynamoSubscriptions("subscriptions_table").all()}
    assert {key: one.active for key, one in known.items()} == {
        "telegram:-42": False, "telegram:-1009": True,
    }  # fmt: skip
    assert known["telegram:-1009"].min_score == 0.6
    assert "Muted" in reply("/mute 2h", **supergroup)


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({"sender_chat": {"id": GROUP}}, True),  # an anonymous administrator
        ({"sender_chat": {"id": -1005}}, False),  # a member in the name of a channel
        ({"sender_chat": {"id": -1005}, "is_automatic_forward": True}, None),  # the linked channel
        ({}, False),
    ],
)
def test_who_speaks_for_a_group(
    world: World, changes: dict[str, Any], allowed: bool | None
) -> None:
    said = message("/subscribe", user=VISITOR, **IN_GROUP) | changes
    answer = post(update(message=said))[1]
    if allowed is None:
        assert answer == {}
    else:
        assert (answer["text"] != NOT_ALLOWED) is allowed
    assert (stored(str(GROUP)) is not None) is bool(allowed)


def test_a_reader_of_a_channel_changes_nothing_by_its_buttons(world: World) -> None:
    """Everyone who reads a channel can press the buttons below its messages."""
    channel: dict[str, Any] = {"id": -1005, "type": "channel"}
    said = message("/subscribe", **channel)
    del said["from"]
    post(update(channel_post=said))
    for data in ("mute:2h", "set:unsubscribe", "set:loud:opened:off"):
        query = {"id": "q", "from": {"id": VISITOR}, "message": said, "data": data}
        assert post(update(callback_query=query)) == (200, {})
    found = stored("-1005")
    assert found is not None
    assert (found.active, found.muted_until, found.opened) == (True, 0, "on")


# --- over HTTP -----------------------------------------------------------------------------------


def test_topics_and_migrations_reach_the_function_as_telegram_sends_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = parked(world, f"{FORUM}/5")
    with (
        running_telegram("42", "-42", f"forum:{FORUM}") as telegram,
        ThreadingHTTPServer(("127.0.0.1", 0), Api) as api,
    ):
        threading.Thread(target=api.serve_forever, args=(0.01,), daemon=True).start()
        use_telegram(telegram, monkeypatch)
        client = TelegramClient(telegram.token, base_url=telegram.base)
        register_bot(client, f"http://127.0.0.1:{api.server_port}/telegram", SECRET, [42])

        def tell(path: str, **news: Any) -> None:
            assert telegram.request("POST", f"/_local/{path}", news)[0] == 200

        tell("topic", chat_id=FORUM, topic=5)
        tell("say", chat_id=FORUM, text="/subscribe min 60", topic=5)
        tell("say", chat_id=-42, text="/subscribe long")
        rows = wait_for(telegram, 2)
        tell("topic", chat_id=FORUM, topic=5, state="closed")
        tell("topic", chat_id=FORUM, topic=5, state="open")
        tell("migrate", chat_id=-42, to=-1009)
        tell("say", chat_id=-1009, text="/mute 2h")
        rows = wait_for(telegram, 3)
        api.shutdown()
    assert [(row["chat_id"], row["topic"]) for row in rows] == [
        (FORUM, 5), (-42, None), (-1009, None),
    ]  # fmt: skip
    assert "Direction: long" in rows[2]["text"]
    assert "Muted" in rows[2]["text"]
    assert store.address_state(f"telegram:{FORUM}/5").parked_reason == ""
