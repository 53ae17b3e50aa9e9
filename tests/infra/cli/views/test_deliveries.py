"""Views of a channel's deliveries."""

import io

from rich.console import Console

from infra.cli.views.deliveries import pending, unsent
from infra.cli.views.page import Page

IDLE = {
    "channel": "telegram", "waiting": 0, "hidden": 0, "dead_letters": 0, "sender": None,
    "digests": [], "parked": [],
}  # fmt: skip


def shown(view: object, document: object) -> str:
    page = Page(console=Console(file=io.StringIO(), width=120))
    page.print(view(document, page))  # type: ignore[operator]  # one of the views
    return page.console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO


def test_an_idle_channel_is_named_as_such() -> None:
    assert "no address is paused" in shown(pending, IDLE)
    assert "no message was set aside" in shown(unsent, {"unsent": []})


def test_a_pause_that_is_over_ends_with_the_next_message() -> None:
    row = {"address": "telegram:7\x1b[2J", "until": 1_000, "reason": "403: [red]blocked"}
    text = shown(pending, IDLE | {"parked": [row], "dead_letters": 3})
    assert "the next message" in text
    assert "403: [red]blocked" in text
    assert "\x1b[2J" not in text


def test_a_digest_is_shown_with_its_address_and_state() -> None:
    row = {"address": "telegram:7", "event": "digest#1", "signals": 1_200, "since": 0}
    text = shown(pending, IDLE | {"digests": [row | {"collecting": True}]})
    assert "1,200 signals to telegram:7, collects, " in text
    text = shown(pending, IDLE | {"digests": [row | {"collecting": False}]})
    assert "1,200 signals to telegram:7, being sent, " in text


def test_a_refused_sender_pauses_the_whole_channel() -> None:
    sender = {"until": 4_102_444_800_000, "reason": "401: Unauthorized"}
    text = shown(pending, IDLE | {"sender": sender})
    assert "the whole channel, 2100-01-01 00:00:00 UTC, in" in text
    assert "401: Unauthorized" in text
