"""Templates of webhooks: Cornix's documented format, placeholders, and what is refused."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.signals import Exits, Target
from signalengine_aws.channels.webhook.renderer import render
from signalengine_aws.channels.webhook.templates import (
    CORNIX,
    NAMED,
    PLACEHOLDERS,
    TEXT,
    TemplateError,
    check,
    content,
    pair,
)
from signalengine_aws.delivery.notifications import Notification, read_notification

from tests.telegram_samples import body, closed, signal

NUMBER = r"\d+(?:\.\d+)?"


def notification(one: Any = None) -> Notification:
    return read_notification(body(one or signal()))


def made(template: str, one: Any = None) -> str:
    shown = notification(one)
    return content(template, shown, render(shown).text)[0]


def parsed(text: str) -> dict[str, Any]:
    """Read a signal by the rules that help.cornix.io, article 5814956, gives for free text.

    The full pair; the word Entry or Buy; Stop or Sell; targets after Take Profit, Target, Sell or
    TP; Leverage or Lev; several prices on a line; a dash between prices would be two entries.
    """
    words = {
        "pair": r"^([A-Z0-9]+/[A-Z0-9]+)$",
        "entry": rf"^(?:Buy|Entry)\W+((?:{NUMBER}\s*)+)$",
        "targets": rf"^(?:Take Profit|Target|Sell|TP)\W+((?:{NUMBER}\s*)+)$",
        "stop": rf"^Stop\W+((?:{NUMBER}\s*)+)$",
        "leverage": rf"^(?:Leverage|Lev)\W+({NUMBER})x?$",
    }
    found = {name: re.findall(pattern, text, re.M) for name, pattern in words.items()}
    for name in ("pair", "entry", "targets", "stop"):
        assert len(found[name]) == 1, f"{name} once: {text}"
    assert text.isascii()
    assert "-" not in text
    assert "S/L" not in text
    numbers = {name: rows[0].split() for name, rows in found.items() if rows and name != "pair"}
    return {"pair": found["pair"][0]} | {
        name: [float(one) for one in row] for name, row in numbers.items()
    }


def test_cornix_reads_an_opening() -> None:
    assert made(CORNIX).splitlines() == [
        "BTC/USDT", "LONG", "Entry: 50123.45", "Take Profit: 51234.56", "Stop: 49876.54",
    ]  # fmt: skip
    assert parsed(made(CORNIX)) == {
        "pair": "BTC/USDT", "entry": [50_123.45], "targets": [51_234.56], "stop": [49_876.54],
    }  # fmt: skip


def test_cornix_reads_a_leverage_and_several_targets() -> None:
    targets = (Target(51_000.0, 0.5), Target(52_000.0, 0.5))
    one = replace(signal(), exits=Exits(targets))
    shown = notification(one)
    found = parsed(content(CORNIX, shown, "", leverage="5")[0])
    assert (found["targets"], found["leverage"]) == ([51_000.0, 52_000.0], [5.0])


@given(
    st.sampled_from(["long", "short"]),
    st.floats(0.000012, 900_000.0),
    st.floats(0.001, 0.2),
    st.sampled_from([None, 0.1, 0.01, 0.00001]),
)
def test_cornix_reads_every_price_and_the_stop_is_on_its_side(
    direction: Any, entry: float, part: float, tick: float | None
) -> None:
    side = 1 if direction == "long" else -1
    if tick is not None and entry < 1_000 * tick:
        tick = None
    one = signal(
        direction=direction, entry_price=entry, tick_size=tick,
        tp_price=entry * (1 + side * part), sl_price=entry * (1 - side * part),
    )  # fmt: skip
    found = parsed(made(CORNIX, one))
    (at,), (target,), (stop,) = found["entry"], found["targets"], found["stop"]
    assert side * (at - stop) > 0
    assert side * (target - at) > 0
    assert at == pytest.approx(entry, rel=0.001)


def test_only_openings_are_signals_to_cornix() -> None:
    text = made(CORNIX, closed())
    assert "/" not in text.splitlines()[0]
    assert not re.search(r"^(?:Entry|Buy)\W", text, re.M)


@pytest.mark.parametrize(
    ("symbol", "shown"),
    [("BTCUSDT", "BTC/USDT"), ("1000PEPEUSDT", "1000PEPE/USDT"), ("ETHBTC", "ETH/BTC"),
     ("BTCUSDC", "BTC/USDC"), ("USDT", "USDT"), ("XAU", "XAU")],
)  # fmt: skip
def test_pairs_are_written_whole(symbol: str, shown: str) -> None:
    assert pair(symbol) == shown


def test_placeholders_become_values() -> None:
    template = (
        "{{event}} {{symbol}} {{pair}} {{ direction }} {{side}} {{entry}} {{score}} [{{exit}}]"
    )
    assert made(template) == "signal.opened BTCUSDT BTC/USDT long buy 50123.45 0.654 []"
    assert made("{{ticker}} {{exchange}} {{close}}") == "BTCUSDT BINANCE 50123.45"


def test_values_of_json_are_whole_and_text_is_escaped() -> None:
    template = '{"symbol": "{{symbol}}", "entry": {{entry}}, "exit": {{exit}}, "t": "{{text}}"}'
    shown = notification()
    text, kind = content(check(template), shown, 'line\n"quoted" \\')
    assert kind == "application/json"
    assert json.loads(text) == {
        "symbol": "BTCUSDT", "entry": 50_123.45, "exit": None, "t": 'line\n"quoted" \\',
    }  # fmt: skip
    assert json.loads(content(template, notification(closed()), "")[0])["exit"] == pytest.approx(
        51_234.56
    )


@given(st.text(), st.sampled_from(PLACEHOLDERS))
def test_any_text_leaves_json_json(text: str, name: str) -> None:
    template = '{"a": "x {{text}} \\" {{name}}", "b": {{text}}, "c": [{{name}}]}'
    template = check(template.replace("name", name))
    found = json.loads(content(template, notification(), text)[0])
    assert found["b"] == text


@pytest.mark.parametrize(
    "template",
    [
        "", "xml", "no placeholders", "{{unknown}}", "{{symbol}} {{", "{{symbol.x}}",
        "{{__class__}}",
        "{{Symbol}}", '{"a": {{symbol}', '{"a": {{symbol}} x}', "{{symbol}}" + "x" * 2_000,
        "{{symbol()}}", "{{ 7*7 }}{{symbol}}",
    ],
)  # fmt: skip
def test_other_templates_are_refused(template: str) -> None:
    with pytest.raises(TemplateError):
        check(template)


@pytest.mark.parametrize("template", [*NAMED, "{{symbol}}", '{"a": "{{symbol}}"}'])
def test_these_can_be_used(template: str) -> None:
    assert check(template) == template


def test_the_text_is_what_people_read_in_other_channels() -> None:
    assert made(TEXT).startswith("🟢 LONG BTCUSDT")
    assert "<" not in made(TEXT)
