"""Discord's webhooks: what is accepted, and each refusal with its status and code."""

from typing import Any

import pytest

from infra.local.channels.discord import ERRORS, SILENT, Discord
from infra.local.channels.faults import Fault
from infra.local.channels.service import Call

from .samples import NOW, call, document


def test_a_message_is_returned_as_stored_and_its_ids_grow() -> None:
    discord = Discord()
    first, second = (document(call(discord, {"content": text})) for text in ("one", "two"))
    assert (first["content"], first["type"], first["mention_everyone"]) == ("one", 0, False)
    assert int(first["id"]) < int(second["id"])
    assert (int(first["id"]) >> 22) + 1_420_070_400_000 == NOW


def test_without_wait_there_is_no_message() -> None:
    discord = Discord()
    path = discord.destination["path"]
    answer = discord.answer(Call(path, {}, b'{"content": "one"}', NOW))
    assert (answer.status, answer.body) == (204, b"")
    assert answer.arrived is not None


def test_an_embed_is_shown_with_its_fields_and_colour() -> None:
    embed = {
        "title": "🟢 LONG", "url": "https://d.example/1", "description": "**a** `1.5` \\*b\\*",
        "color": 0x2ECC71, "fields": [{"name": "Entry", "value": "`50`"}], "footer": {"text": "id"},
    }  # fmt: skip
    shown = call(Discord(), {"embeds": [embed], "flags": SILENT}).arrived
    assert shown is not None
    assert [(run.text, run.style) for run in shown.lines[0]][:3] == [
        ("a", "bold"), (" ", ""), ("1.5", "code"),
    ]  # fmt: skip
    assert "".join(run.text for run in shown.lines[0]) == "a 1.5 *b*"
    assert (shown.title[0].address, shown.colour, shown.silent) == (
        "https://d.example/1", "#2ecc71", True,
    )  # fmt: skip
    assert shown.fields[0][1][0][0].style == "code"


@pytest.mark.parametrize(
    ("body", "code", "where"),
    [
        (b"{", 50109, None),
        ([], 50035, None),
        ({"content": "  "}, 50006, None),
        ({"content": "x" * 2_001}, 50035, "content"),
        ({"content": "😀" * 1_001}, 50035, "content"),
        ({"embeds": [{"title": "x"}] * 11}, 50035, "embeds"),
        ({"embeds": [{"title": "x" * 257}]}, 50035, "embeds"),
        ({"embeds": [{"description": "x" * 4_097}]}, 50035, "embeds"),
        ({"embeds": [{"description": "x" * 4_096}] * 2}, 50035, "embeds"),
        ({"embeds": [{"title": "x", "url": "http://localhost:1/"}]}, 50035, "embeds"),
        ({"embeds": [{"fields": [{"name": "", "value": "x"}]}]}, 50035, "embeds"),
        ({"embeds": [{"fields": [{"name": "x", "value": "x" * 1_025}]}]}, 50035, "embeds"),
        ({"embeds": [{"fields": [{"name": "x", "value": "x"}] * 26}]}, 50035, "embeds"),
        ({"embeds": [{"footer": {"text": "x" * 2_049}}]}, 50035, "embeds"),
        ({"embeds": [{"title": "x", "color": 1 << 24}]}, 50035, "embeds"),
        ({"content": "x", "flags": 1}, 50035, "flags"),
        ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, 50035, "allowed_mentions"),
    ],
)
def test_a_message_that_is_none_is_refused(body: Any, code: int, where: str | None) -> None:
    answer = call(Discord(), body)
    assert (answer.status, document(answer)["code"], answer.arrived) == (400, code, None)
    if where is not None:
        assert where in document(answer)["errors"]


def test_unknown_webhooks_and_wrong_tokens_have_codes_of_their_own() -> None:
    discord = Discord()
    path = discord.destination["path"]
    unknown = call(discord, {}, path="/api/webhooks/1000000000000000000/token")
    assert (unknown.status, document(unknown)["code"]) == (404, 10015)
    wrong = call(discord, {}, path=path.rpartition("/")[0] + "/wrong")
    assert (wrong.status, document(wrong)["code"]) == (401, 50027)
    assert document(call(discord, {}, path="/api/users/1"))["code"] == 0


def test_the_sixth_request_in_two_seconds_is_refused_and_the_thirty_first_in_a_minute() -> None:
    discord = Discord(limited=True)
    answers = [call(discord, {"content": "x"}, at=NOW + 10 * number) for number in range(6)]
    assert [one.status for one in answers] == [200] * 5 + [429]
    assert answers[4].headers["X-RateLimit-Remaining"] == "0"
    assert document(answers[5])["retry_after"] == pytest.approx(1.95)
    assert answers[5].headers["Retry-After"] == "2"
    slow = Discord(limited=True)
    later = [call(slow, {"content": "x"}, at=NOW + 1_000 * number) for number in range(31)]
    assert [one.status for one in later] == [200] * 30 + [429]
    assert document(later[30])["retry_after"] == pytest.approx(30.0)


def test_each_fault_is_answered_as_discord_does() -> None:
    discord = Discord()
    for name in discord.errors:
        answer = discord.refusal(Fault("error", "discord", error=name, retry_after=1.5))
        if name in ERRORS:
            assert (answer.status, document(answer)["code"]) == (ERRORS[name][0], int(name))
        else:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "2")
    limit = document(discord.refusal(Fault("429", "discord", retry_after=0.3)))
    assert (limit["retry_after"], limit["global"]) == (0.3, False)
    assert discord.refusal(Fault("500", "discord", status=502)).status == 502
