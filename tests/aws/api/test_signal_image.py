"""Pictures of signals: well-formed whatever is stored, small, legible, and as they were seen."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS
from signalengine.signals import Outcome, Signal, StopMove, public
from signalengine_aws.api import signal_image as module
from signalengine_aws.api.signal_image import (
    AFTER,
    BEFORE,
    MOST_BARS,
    NOTICES,
    interval_of,
    signal_image,
)

from tests.examples import examples
from tests.telegram_samples import NOON, closed, end, signal, stepped

GOLDEN: Final = Path(__file__).parent / "signal_image.svg"
SVG: Final = "{http://www.w3.org/2000/svg}"
MOST_BYTES: Final = 60_000


def bars_around(one: Signal, count: int = 70, step: int = MINUTE_MS) -> list[list[float]]:
    """Bars that go up and down around the entry, from `BEFORE` bars before it."""
    rows, price = [], one.entry_price * 0.996
    for n in range(count):
        moved = price * (1 + 0.0007 * ((n * 7 % 11) - 4.6))
        low, high = min(price, moved) * 0.9995, max(price, moved) * 1.0006
        time = one.close_time + (n - BEFORE) * step
        rows.append([time, price, high, low, moved, 1.0])
        price = moved
    return rows


def drawn(one: Signal, bars: list[list[float]] | None = None, **more: Any) -> ElementTree.Element:
    rows = bars_around(one) if bars is None else bars
    document = signal_image(public(one) | more, rows, "1m", "https://signals.example/")
    assert len(document.encode()) <= MOST_BYTES
    root: ElementTree.Element = ElementTree.fromstring(document)  # noqa: S314 - our own
    return root


def words(root: ElementTree.Element) -> list[str]:
    return ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]


def test_the_picture_is_as_it_was_looked_at() -> None:
    """After a change: write it, look at it in a browser, in light and dark pages, and commit."""
    one = replace(closed(), market="simulated")
    found = signal_image(public(one), bars_around(one), "1m", "https://signals.example/")
    assert found == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("market", ["live", "recording", "simulated"])
def test_a_market_that_is_not_live_is_named_loudly(market: str) -> None:
    root = drawn(signal(market=market))
    notice = [one for one in root.iter(f"{SVG}text") if one.text in NOTICES.values()]
    assert [one.text for one in notice] == ([NOTICES[market]] if market in NOTICES else [])
    assert all(one.get("font-weight") == "700" for one in notice)


def test_a_shadow_signal_says_that_it_was_not_published() -> None:
    assert "IN SHADOW · decided, never published" in words(drawn(signal(shadow=True)))


def test_it_has_levels_outcome_score_strategy_time_and_address() -> None:
    one = replace(closed(), strategy="donchian@fast")
    found = words(drawn(one))
    assert f"https://signals.example/signals/{one.signal_id}" in found
    for start in ("Entry ", "TP ", "SL ", "TP HIT ", "donchian@fast · score ", "net of costs"):
        assert any(text.startswith(start) for text in found), start
    assert any("UTC on closed bars · 1m bars" in text for text in found)
    opened = words(drawn(signal()))
    assert "OPEN" in opened
    assert any(text.startswith("until ") for text in opened)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_its_words(outcome: Outcome) -> None:
    one = replace(signal(), settlement=end(outcome=outcome))
    assert any(outcome.value.replace("_", " ").upper() in text for text in words(drawn(one)))


def test_targets_moved_stops_and_fills_are_drawn() -> None:
    one = stepped()
    names = [text.split()[0] for text in words(drawn(one)) if re.match(r"(TP\d|SL|Entry) ", text)]
    assert one.exits is not None
    assert names.count("SL") == 1
    assert sum(name.startswith("TP") for name in names) == len(one.exits.targets)
    moves = sum(isinstance(step, StopMove) for step in one.progress)
    dashed = [x for x in drawn(one).iter(f"{SVG}line") if x.get("stroke-dasharray")]
    assert len(dashed) == 1 + len(one.exits.targets) + 1 + moves
    assert len(list(drawn(one).iter(f"{SVG}circle"))) == len(one.progress) - moves


def test_without_bars_the_levels_are_drawn_alone() -> None:
    root = drawn(closed(), [])
    assert not list(root.iter(f"{SVG}path"))
    assert any("no longer stored" in text for text in words(root))


@given(
    st.fixed_dictionaries(
        {"symbol": st.text(max_size=60), "strategy": st.text(max_size=120), "id": st.text()}
    ),
    st.lists(st.floats(1e-9, 1e9), min_size=4, max_size=4),
    st.sampled_from(["live", "simulated", "</text><script>"]),
)
@examples(60)
def test_it_is_well_formed_whatever_is_stored(
    texts: dict[str, str], prices: list[float], market: str
) -> None:
    entry, tp, sl, last = prices
    row = {"entry_price": entry, "tp_price": tp, "sl_price": sl, "market": market, **texts}
    root = drawn(signal(), [[NOON, entry, max(prices), min(prices), last, 0.0]], **row)
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg", "title", "rect", "text", "tspan", "line", "path", "circle",
    }  # fmt: skip
    numbers = [value for one in root.iter() for value in one.attrib.values()]
    assert not any("nan" in value or "inf" in value for value in numbers)


def test_labels_stay_within_the_chart_when_the_levels_are_at_its_edge() -> None:
    one = signal()
    for last in (one.entry_price * 1.3, one.entry_price * 0.7):
        bars = [[one.close_time, last, last, last, last, 1.0]]
        texts = drawn(one, bars).iter(f"{SVG}text")
        places = [float(x.get("y", 0)) for x in texts if re.match("TP|SL|Entry", x.text or "")]
        assert len(places) == 3
        assert 190 <= min(places) <= max(places) <= 530
        assert min(b - a for a, b in pairwise(places)) >= 26 - 0.1


def test_a_fill_far_from_the_levels_and_bars_is_on_the_picture() -> None:
    far = {"exit_price": closed().entry_price * 0.8, "fills": None}
    (mark,) = drawn(closed(), [], **far).iter(f"{SVG}circle")
    assert 190 < float(mark.get("cy", 0)) < 530


def test_prices_are_on_the_tick_size() -> None:
    found = words(drawn(signal(), tick_size=0.001, entry_price=0.5, tp_price=0.51, sl_price=0.49))
    assert {"Entry 0.500", "TP 0.510", "SL 0.490"} <= set(found)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"&\x00\x1b]0;x\x07', "\ud800"])
def test_hostile_texts_stay_texts(text: str) -> None:
    found = signal_image(public(signal()) | {"symbol": text, "strategy": text}, [], "1m", "")
    assert "<script" not in found
    assert "\x00" not in found
    ElementTree.fromstring(found)  # noqa: S314 - our own


@given(st.integers(0, 60 * 86_400_000))
def test_a_picture_has_few_bars_however_long_the_signal_was_open(open_ms: int) -> None:
    interval = interval_of(open_ms)
    bars = open_ms / INTERVAL_MS[interval] + BEFORE + AFTER
    assert bars <= MOST_BARS
    shorter = INTERVALS[: INTERVALS.index(interval)]
    assert all(open_ms / INTERVAL_MS[one] + BEFORE + AFTER > MOST_BARS for one in shorter)


def test_the_longest_picture_is_below_the_limit() -> None:
    one = closed()
    drawn(one, bars_around(one, MOST_BARS + 10))


@pytest.mark.parametrize("colour", ["TEXT", "MUTED", "GREEN", "RED"])
def test_every_text_has_enough_contrast(colour: str) -> None:
    """WCAG's 4.5 : 1, on the picture's own background."""
    assert contrast(getattr(module, colour), module.BACKGROUND) >= 4.5
    assert contrast(module.ON_NOTICE, module.NOTICE) >= 4.5


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
