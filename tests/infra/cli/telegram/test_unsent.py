"""Why a chat lacks a signal, and when the next try is."""

from typing import Any

import pytest

from infra.cli.telegram.unsent import NOT_RECORDED, UnsentSignals, explained

CHAT = "telegram:42"
NOW = 1_000_000


def numbers(**values: int) -> dict[str, dict[str, str]]:
    return {name: {"N": str(value)} for name, value in values.items()}


def delivery(status: str = "waiting", chat: str = CHAT, **more: dict[str, str]) -> Any:
    return {"status": {"S": status}, "channel": {"S": chat}, **more}


@pytest.mark.parametrize(
    ("item", "states", "reason", "next_try"),
    [
        (delivery("failed", reason={"S": "400: bad"}), {}, "set aside: 400: bad", None),
        (delivery("suppressed", reason={"S": "muted"}), {}, "did not want it: muted", None),
        (
            delivery(),
            {"telegram:*": {**numbers(parked_until=NOW + 5), "parked_reason": {"S": "401"}}},
            "the bot is paused: 401", NOW + 5,
        ),
        (
            delivery(),
            {CHAT: {**numbers(parked_until=NOW + 9), "parked_reason": {"S": "no rights"}}},
            "the chat is paused: no rights", NOW + 9,
        ),
        (delivery(), {CHAT: numbers(paused_until=NOW + 1)}, "Telegram requires a wait", NOW + 1),
        (delivery(**numbers(slot_at=NOW + 1)), {}, "its turn", NOW + 1),
        (delivery(**numbers(lease_until=NOW + 1)), {}, "it is being sent", NOW + 1),
        (delivery(digest={"S": "d"}), {}, "it joins a digest", NOW),
        (delivery(**numbers(slot_at=NOW - 1)), {}, "it waits in the queue", NOW),
        (delivery(), {"telegram:7": numbers(parked_until=NOW + 9)}, "it waits", NOW),
    ],
)  # fmt: skip
def test_the_reason_is_what_lasts_longest(
    item: Any, states: Any, reason: str, next_try: int | None
) -> None:
    found, at = explained(item, states, NOW)
    assert reason in found
    assert at == next_try


class Table:
    """The table of deliveries, as far as it is queried."""

    def __init__(self, items: dict[str, list[Any]]) -> None:
        self.items = items

    def get_paginator(self, name: str) -> "Table":
        assert name == "query"
        return self

    def paginate(self, ExpressionAttributeValues: Any, **_: Any) -> Any:  # noqa: N803 - boto3's names
        found = self.items.get(ExpressionAttributeValues[":event"]["S"], [])
        return [{"Items": [item]} for item in found]


def test_rows_are_by_symbol_and_name_each_chat_that_lacks_a_message() -> None:
    table = Table({
        "a#opened": [delivery("delivered"), delivery("failed", "telegram:7", reason={"S": "x"})],
        "a#closed": [delivery()],
        "b#opened": [],
    })  # fmt: skip
    signals: list[dict[str, Any]] = [
        {"id": "a", "symbol": "BTCUSDT", "direction": "long", "close_time": 1, "outcome": "tp_hit"},
        {"id": "b", "symbol": "ADAUSDT", "direction": "long", "close_time": 2, "outcome": None},
    ]
    found = UnsentSignals(table, "t", {}, CHAT, NOW).rows(signals)
    assert [(row["symbol"], row["event"], row["chat"], row["state"]) for row in found] == [
        ("ADAUSDT", "b#opened", "42", "unknown"),
        ("BTCUSDT", "a#closed", "42", "waiting"),
        ("BTCUSDT", "a#opened", "7", "failed"),
    ]
    assert (found[0]["reason"], found[0]["next_try"]) == (NOT_RECORDED, None)
    everyone = UnsentSignals(table, "t", {}, None, NOW).rows(signals)
    assert [row["event"] for row in everyone] == ["a#closed", "a#opened"]


def test_every_step_that_a_chat_lacks_is_listed() -> None:
    table = Table({"a#opened": [delivery("delivered")], "a#target1": [delivery("failed")]})
    signal = {
        "id": "a", "symbol": "BTCUSDT", "direction": "long", "close_time": 1, "outcome": None,
        "progress": [{"name": "target1"}, {"name": "stop1"}],
    }  # fmt: skip
    found = UnsentSignals(table, "t", {}, CHAT, NOW).rows([signal])
    assert [(row["event"], row["state"]) for row in found] == [
        ("a#stop1", "unknown"), ("a#target1", "failed"),
    ]  # fmt: skip


MOVED = {
    "telegram:42": numbers(migrated_to=-1009), "telegram:-1009": {"moved_to": {"S": "@news"}},
    "telegram:7": numbers(migrated_to=-1007), "telegram:8": numbers(migrated_to=8),
}  # fmt: skip


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ([], [("@news", "unknown")]),
        ([delivery("delivered")], []),
        ([delivery("delivered", "telegram:-1009"), delivery("suppressed")], []),
        ([delivery("delivered", "telegram:@news"), delivery("failed", "telegram:-1009")], []),
        ([delivery("failed"), delivery(chat="telegram:@news")], [("@news", "waiting")]),
        ([delivery(chat="telegram:@news"), delivery("suppressed")], [("@news", "waiting")]),
        ([delivery("failed")], [("42", "failed")]),
        (
            [delivery("delivered"), delivery("suppressed", "telegram:7"),
             delivery("delivered", "telegram:-1007"), delivery("delivered", "telegram:8")],
            [],
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("home", [CHAT, "telegram:@news"])
def test_a_chat_that_was_replaced_has_what_either_has_received(
    items: list[Any], found: list[tuple[str, str]], home: str
) -> None:
    signal = {"id": "a", "symbol": "BTCUSDT", "direction": "long", "close_time": 1, "outcome": None}
    rows = UnsentSignals(Table({"a#opened": items}), "t", MOVED, home, NOW).rows([signal])
    shown = [
        ("42" if home == CHAT and state == "unknown" else chat, state) for chat, state in found
    ]
    assert [(row["chat"], row["state"]) for row in rows] == shown
