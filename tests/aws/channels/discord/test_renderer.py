"""Notifications as Discord messages."""

from typing import Any

from hypothesis import given
from signalengine.signals import Outcome
from signalengine.text.languages import in_language
from signalengine_aws.channels.discord.client import FOLLOWS
from signalengine_aws.channels.discord.limits import TOTAL
from signalengine_aws.channels.discord.renderer import BLUE, GREEN, GREY, RED, escaped, render
from signalengine_aws.channels.markup import units
from signalengine_aws.delivery.notifications import Notification

from infra.local.channels.discord import Discord
from infra.local.channels.shown import discord, text_of
from tests.examples import examples
from tests.infra.local.channels.samples import call
from tests.notifications import (
    DASHBOARD,
    NOTIFICATIONS,
    PAGE,
    TEXTS,
    again,
    announced,
    digested,
    ended,
    every,
    opened,
    step,
)
from tests.telegram_samples import short

SERVICE = Discord()


def embed(notification: Notification, dashboard: str = "") -> dict[str, Any]:
    (found,) = render(notification, dashboard)["embeds"]
    assert isinstance(found, dict)
    return found


def test_an_opening_has_its_levels_in_fields_to_copy() -> None:
    found = embed(opened(), DASHBOARD)
    fields = {one["name"]: one["value"] for one in found["fields"]}
    assert found["title"] == "🟢 LONG BTCUSDT"
    assert fields["💰 Entry"] == "`50123.45`"
    assert fields["🎯 TP"] == "`51234.56` (+2.22%)"
    assert fields["🛡️ SL"] == "`49876.54` (-0.49%)"
    assert fields["⚖️ R:R"] == "**1 : 4.50**"
    assert fields["📊 Score"].startswith("**65.4%**\nTrend 81")
    assert [one["inline"] for one in found["fields"]] == [False] + [True] * 5 + [False] * 2
    assert (found["url"], found["timestamp"]) == (PAGE, "2025-05-19T12:00:00+00:00")
    assert found["footer"] == {"text": "3f2a9c1d7e5b4a6088cc1234 · policy 9ab3c1d0"}
    assert f"[📈 Chart]({PAGE})" in found["fields"][-1]["value"]


def test_the_colour_is_that_of_the_side_or_of_the_outcome() -> None:
    sides = [opened(), Notification("s", "opened", short(), 1), step()]
    assert [embed(one)["color"] for one in sides] == [GREEN, RED, GREEN]
    outcomes = [embed(ended(outcome=outcome))["color"] for outcome in Outcome]
    assert outcomes == [GREEN, RED, GREY, GREY]
    assert {embed(one)["color"] for one in (announced(), digested())} == {BLUE}


def test_other_messages_have_their_lines_in_the_description() -> None:
    assert "Return: **+2.09%** net" in embed(ended())["description"]
    assert embed(step())["description"].startswith("SL: `50834.56` (+1.42%)")
    assert embed(again())["description"].startswith("🔁 *Sent again on request*")
    assert "1. 🟢 **LONG BTCUSDT** 65.4%" in embed(digested())["description"]
    assert "fields" not in embed(announced(), DASHBOARD)


def test_what_follows_an_opening_has_the_words_of_a_link_to_it() -> None:
    assert FOLLOWS not in render(opened())
    assert {render(one)[FOLLOWS] for one in (step(), ended())} == {"↩ Opening"}
    with in_language("es"):
        assert render(ended())[FOLLOWS] == "↩ Apertura"


def test_an_address_of_this_machine_is_no_link() -> None:
    """Discord refuses a message with one: it is not well formed there."""
    found = embed(opened(), "http://localhost:8000/")
    assert "url" not in found
    assert "localhost" not in str(found)


def test_nobody_is_mentioned() -> None:
    message = render(announced("@everyone <@1> <@&2>"))
    assert message["allowed_mentions"] == {"parse": []}
    assert message["embeds"][0]["description"] == "\\@everyone \\<\\@1\\> \\<\\@&2\\>"


@examples(100)
@given(TEXTS)
def test_escaped_text_is_read_as_itself(text: str) -> None:
    words = text.replace("http", "").replace("\n", " ")
    assert text_of(discord(escaped(words))) == words


def test_addresses_in_an_announcement_stay_links() -> None:
    words = "see https://status.example/a_b_c*d, _now_"
    assert escaped(words) == "see https://status.example/a_b_c*d, \\_now\\_"


@examples(60)
@given(NOTIFICATIONS)
def test_every_message_is_accepted_whatever_its_words(notification: Notification) -> None:
    message = render(notification, DASHBOARD)
    assert call(SERVICE, message).status == 200
    (found,) = message["embeds"]
    texts = [
        found["title"],
        found.get("description", ""),
        found.get("footer", {"text": ""})["text"],
    ]
    texts += [part for one in found.get("fields", []) for part in (one["name"], one["value"])]
    assert sum(map(units, texts)) <= TOTAL


def test_every_kind_is_accepted() -> None:
    assert [call(SERVICE, render(one, DASHBOARD)).status for one in every()] == [200] * 6
