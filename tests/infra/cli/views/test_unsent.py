"""The view of what a chat lacks."""

import io
from typing import Any

from rich.console import Console

from infra.cli.views.page import Page
from infra.cli.views.unsent import next_try, unsent

NOON = 1_747_656_000_000


def shown(document: dict[str, Any]) -> str:
    console = Console(width=160, file=io.StringIO(), record=True)
    page = Page(console=console)
    page.print(unsent(document, page))
    return console.export_text()


def test_the_next_try_is_in_words() -> None:
    page = Page(console=Console(file=io.StringIO()))
    assert next_try(None, NOON, page) == "none by itself"
    assert next_try(NOON, NOON, page) == "at any moment"
    assert next_try(NOON + 720_000, NOON, page) == "in 12 min, at 12:12"


def test_each_message_is_a_row_and_symbols_are_counted() -> None:
    row = {
        "symbol": "BTCUSDT", "direction": "long", "close_time": NOON, "event": "a#opened",
        "kind": "opened", "chat": "42", "state": "waiting", "reason": "the chat is paused: x",
        "next_try": NOON,
    }  # fmt: skip
    rows = [row, row | {"symbol": "ETHUSDT"}, row]
    text = shown({"signals": 9, "now": NOON, "unsent": rows})
    assert "the chat is paused: x" in text
    assert "by symbol: BTCUSDT 2, ETHUSDT 1" in text
    assert "were all sent" in shown({"signals": 9, "now": NOON, "unsent": []})
