"""Telegram texts: seed format, laws for every signal, and nothing that could break or mislead."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.facts.stream import Quality
from signalengine.signals import (
    COMPONENTS,
    Event,
    Fill,
    Outcome,
    Settlement,
    Signal,
    public,
    settled,
)
from signalengine.stats.performance import Performance, add, summary
from signalengine.text.messages import (
    MAX_TEXT,
    closed_text,
    opened_text,
    progress_text,
    repeated_text,
)
from signalengine.text.replies import (
    ADMIN_COMMANDS,
    COMMANDS,
    EngineStatus,
    help_text,
    signals_text,
    start_text,
    stats_text,
    status_text,
)

from infra.local.telegram.markup import parse_html, units_of
from tests.telegram_samples import MINUTE, NOON, closed, end, short, signal, stepped

ALLOWED_TAGS = {"b", "i", "code"}


def read(text: str) -> str:
    """Return a text as its reader sees it; fails where Telegram would refuse it."""
    assert units_of(text) <= MAX_TEXT
    assert set(re.findall(r"</?(\w+)>", text)) <= ALLOWED_TAGS
    return parse_html(text).text


# --- every signal --------------------------------------------------------------------------------

prices = st.floats(1e-9, 1e7, allow_nan=False)
names = st.one_of(st.sampled_from([*COMPONENTS, "BTCUSDT"]), st.text(max_size=200))
fractions = st.floats(0.0, 1.0)
returns = st.integers(-(10**9), 10**9)


@st.composite
def signals(draw: st.DrawFn) -> Signal:
    """Any signal whose levels are on the right sides, with hostile words everywhere."""
    entry, up, down = draw(prices), draw(st.floats(1e-4, 0.5)), draw(st.floats(1e-4, 0.5))
    direction = draw(st.sampled_from(["long", "short"]))
    side = 1 if direction == "long" else -1
    opened = st.builds(
        Event, names, names, st.sampled_from(["long", "short"]), fractions, st.just({})
    )
    return signal(
        signal_id=draw(names),
        symbol=draw(names),
        direction=direction,
        score=draw(fractions),
        close_time=draw(st.integers(0, 10**13)) // MINUTE * MINUTE,
        entry_price=entry,
        tp_price=entry * (1 + side * up),
        sl_price=entry * (1 - side * down),
        components=draw(st.dictionaries(names, st.none() | fractions, max_size=30)),
        missing=tuple(draw(st.lists(names, max_size=30))),
        events=tuple(draw(st.lists(opened, max_size=30))),
        quality=Quality(draw(st.floats(0, 1e6)), draw(st.none() | st.integers(0, 10**9))),
        market=draw(st.sampled_from(["live", "recording", "simulated"])),
        policy_digest=draw(names),
    )


endings = st.builds(
    Settlement,
    outcome=st.sampled_from(Outcome),
    closed_at=st.integers(0, 10**13),
    exit_price=prices,
    gross_return=returns,
    cost=returns,
    funding=returns,
    net_return=returns,
    resolution=st.sampled_from(["tick", "path", "bar", "forced"]),
    ambiguous=st.booleans(),
    bars_held=st.integers(0, 60),
    mfe=returns,
    mae=returns,
    next_open=st.none(),
    touched_at=st.none() | st.integers(1, 10**13),
)


@settings(deadline=None, max_examples=150)
@given(signals(), endings)
def test_every_text_is_telegram_html_of_bounded_length(one: Signal, ending: Settlement) -> None:
    over = settled(one, ending)
    for text in (
        opened_text(one),
        closed_text(over),
        repeated_text(closed_text(over)),
        signals_text([public(one), public(over)] * 10),
    ):
        read(text)


@settings(deadline=None, max_examples=100)
@given(signals())
def test_the_target_gains_and_the_stop_loses_on_both_sides(one: Signal) -> None:
    text = read(opened_text(one))
    assert re.search(r"^🎯 TP: \S+ \(\+[\d.]+%\)$", text, re.MULTILINE)
    assert re.search(r"^🛡️ SL: \S+ \(-[\d.]+%\)$", text, re.MULTILINE)


@settings(deadline=None, max_examples=100)
@given(signals(), endings)
def test_what_is_not_live_is_labelled_in_its_first_line(one: Signal, ending: Settlement) -> None:
    opening, closing = opened_text(one), closed_text(settled(one, ending))
    for text in (opening, closing, repeated_text(opening), repeated_text(closing)):
        first = read(text).splitlines()[0]
        assert ("SIMULATED" in first.split()[:2]) == (one.market == "simulated")
        assert ("RECORDING" in first.split()[:2]) == (one.market == "recording")


# --- examples ------------------------------------------------------------------------------------


def test_an_opening_has_all_that_the_product_promises() -> None:
    assert read(opened_text(signal())).splitlines() == [
        "🟢 LONG BTCUSDT",
        "",
        "📊 Score: 65.4%",
        "   Trend 81 · Volatility 35 · VWAP 12 · Structure 100 · Event 92",
        "⚡ volume spike 1m ↑",
        "💰 Entry: 50123.45",
        "🎯 TP: 51234.56 (+2.22%)",
        "🛡️ SL: 49876.54 (-0.49%)",
        "⚖️ R:R: 1 : 4.50",
        "⚠️ Not counted, no data: Liquidation, OI",
        "",
        "⏰ 2025-05-19 12:00:00 UTC (close of the 1m bar)",
        "⌛ Expires 2025-05-19 13:00:00 UTC",
        "3f2a9c1d7e5b4a6088cc1234 · policy 9ab3c1d0",
    ]


def test_a_closing_gives_net_with_gross_beside_it() -> None:
    assert read(closed_text(closed())).splitlines() == [
        "✅ TP HIT - LONG BTCUSDT",
        "Return: +2.09% net | Duration: 45 min",
        "Gross +2.22% (4.50 R), fees and slippage -0.12%, funding -0.010%",
        "Exit: $51,234.56 from $50,123.45",
        "On the way: best +2.40%, worst -0.21%",
        "",
        "⏰ Closed: 2025-05-19 12:45:00 UTC",
        "3f2a9c1d7e5b4a6088cc1234 · policy 9ab3c1d0",
    ]


def test_a_short_gains_at_a_lower_price() -> None:
    text = read(opened_text(short()))
    assert "🔴 SHORT ETHUSDT" in text
    assert "TP: 1980.00 (+1.00%)" in text
    assert "SL: 2010.00 (-0.50%)" in text


def test_a_closing_that_is_not_certain_has_the_reason() -> None:
    text = closed_text(closed(outcome=Outcome.SL_HIT, ambiguous=True))
    assert "❌ SL HIT" in read(text)
    assert "Ambiguous" in text
    forced = closed_text(closed(outcome=Outcome.EXPIRED, resolution="forced"))
    assert "⏱️ EXPIRED" in read(forced)
    assert "Forced" in forced


def test_a_gap_in_the_data_is_shown() -> None:
    assert "Data gap: 42 s" in opened_text(signal(quality=Quality(gap_s=42.0)))
    assert "silent for 4.2 s" in opened_text(signal(quality=Quality(stream_age_ms=4_200)))
    assert "⚠️" not in opened_text(signal(quality=Quality(0.0, 200), missing=()))


def test_a_signal_seen_by_ticks_is_closed_at_that_second() -> None:
    text = closed_text(closed(touched_at=NOON + 42_000, resolution="tick"))
    assert "Duration: 42 s" in text
    assert "12:00:42 UTC" in text


def test_an_open_signal_has_no_closing_message() -> None:
    with pytest.raises(ValueError, match="still open"):
        closed_text(signal())


def test_a_hostile_symbol_stays_one_escaped_line() -> None:
    one = signal(symbol="<b>&\n\u202eBTC" + "x" * 100)
    assert read(opened_text(one)).splitlines()[0] == "🟢 LONG <b>&??BTC" + "x" * 20 + "…"


def test_prices_of_other_quotes_carry_no_dollar() -> None:
    text = opened_text(signal(symbol="ETHBTC", entry_price=0.025, tp_price=0.026, sl_price=0.0245))
    assert "$" not in text


# --- the bot's answers ---------------------------------------------------------------------------


def status(**changes: Any) -> EngineStatus:
    values: dict[str, Any] = {
        "received_at": NOON, "market_time": NOON, "market": "live",
        "symbols": ("BTCUSDT", "ETHUSDT"), "stream_ages_ms": {"kline": 250, "force_order": None},
        "reconnects": 2, "gaps": 1, "backlog": 0, "open_signals": 3,
    }  # fmt: skip
    return EngineStatus(**{**values, **changes})


def test_help_lists_the_commands_and_those_of_operators() -> None:
    for name, about in COMMANDS:
        assert f"/{name} - {about}" in read(help_text())
    for name, about in ADMIN_COMMANDS:
        assert f"/{name} - {about}" in read(help_text(admin=True))
        assert f"/{name}" not in read(help_text())
    assert "/subscribe" in read(start_text())


def test_status_distinguishes_a_running_feed_from_a_silent_one() -> None:
    alive = read(status_text(status(), NOON + 9_000))
    assert "✅ Running" in alive
    assert "Last heartbeat 9 s ago" in alive
    assert "Streams: kline 250 ms, force order no data yet" in alive
    assert "Open signals: 3" in alive
    assert "Silent for 10 min" in read(status_text(status(), NOON + 600_000))
    assert "No data yet" in read(status_text(None, NOON))
    assert "RECORDING" in read(status_text(status(market="recording"), NOON))


def test_newest_signals_are_listed_with_their_status() -> None:
    text = read(signals_text([public(short()), public(closed())]))
    assert "SHORT ETHUSDT open" in text
    assert "LONG BTCUSDT TP HIT +2.09%, 4.50 R gross" in text
    assert read(signals_text([])) == "No signals yet."


def stats(row: Performance) -> dict[str, Any]:
    return summary(row) | {
        "n": row.closed,
        "open_signals": 2,
        "market": "live",
        "policy_digest": "9ab3c1d0e4f5",
    }


def test_an_opening_with_exits_says_how_it_may_end() -> None:
    shown = read(opened_text(stepped())).splitlines()
    assert [line for line in shown if line and line[0] in "🎯🛡🚪 "] == [
        "   Trend 81 · Volatility 35 · VWAP 12 · Structure 100 · Event 92",
        "🎯 TP: 51234.56 (+2.22%)",
        "   closes 50%",
        "🎯 TP 2: 52000.00 (+3.74%), closes 25%",
        "🛡️ SL: 49876.54 (-0.49%)",
        "   moves to the entry after the first TP",
        "   trails by $400.00 in steps of $100.00, from TP 1 on",
        "🚪 The strategy may close it earlier",
    ]


def test_each_step_has_its_message() -> None:
    moved, hit = stepped(), stepped(progress=stepped().progress[:1])
    assert read(progress_text(hit)).splitlines()[:3] == [
        "🎯 TP 1 HIT - LONG BTCUSDT",
        "Closed: 50% at $51,234.56 (+2.22%, 4.50 R)",
        "Open: 50%",
    ]
    assert read(progress_text(moved)).splitlines()[:2] == [
        "🛡️ STOP MOVED - LONG BTCUSDT",
        "SL: 50834.56 (+1.42%)",
    ]
    assert "12:09" in read(progress_text(moved))
    assert read(progress_text(stepped(market="simulated"))).startswith("🧪 SIMULATED")
    with pytest.raises(ValueError, match="no progress"):
        progress_text(signal())


def test_a_closing_of_several_parts_has_them_all() -> None:
    last = Fill("left", NOON + 45 * MINUTE, 50_900.0, 1.0 / 3.0)
    fills = (Fill("target1", NOON, 51_234.56, 2.0 / 3.0), last)
    text = read(closed_text(settled(stepped(), end(fills=fills, outcome=Outcome.LEFT))))
    assert text.startswith("🚪 LEFT - LONG BTCUSDT")
    assert "Parts: 66.7% at $51,234.56 (4.50 R), 33.3% at $50,900.00 (3.15 R)" in text


def test_statistics_count_what_strategies_closed() -> None:
    row = add(Performance.empty(), end(outcome=Outcome.LEFT), "long")
    assert "TP 0, SL 0, expired 0, left 1" in read(stats_text(stats(row)))


def test_statistics_warn_of_small_numbers() -> None:
    text = read(stats_text(stats(add(Performance.empty(), end(), "long"))))
    assert "1 closed signal\n" in text
    assert "Wins 1, losses 0 (100.0% win)" in text
    assert "TP 1, SL 0, expired 0" in text
    assert "Average +2.09% net a signal" in text
    assert "Fewer than 30 signals prove nothing." in text
    assert read(stats_text(stats(Performance.empty()))) == "No closed signals yet. Open: 2"
    before = stats(Performance.empty()) | {"market": None}
    assert read(stats_text(before)).startswith("No closed signals")


def test_every_message_names_a_set_that_is_not_the_policy() -> None:
    one = signal(strategy="donchian@fast")
    assert "🧭 Strategy: <b>donchian@fast</b>" in opened_text(one)
    assert "· donchian@fast <code>9ab3c1d0</code>" in opened_text(one)
    assert "· donchian@fast <code>9ab3c1d0</code>" in closed_text(settled(one, end()))
    rows = [public(one), public(signal())]
    assert signals_text(rows).count("donchian@fast") == 1
    assert "Strategy" not in opened_text(signal())
    row = add(Performance.empty(), end(), "long")
    stats = summary(row) | {"n": 1, "open_signals": 0, "market": "live", "policy_digest": "ab" * 6}
    assert "1 closed signal of donchian@fast" in stats_text(stats, "donchian@fast")
