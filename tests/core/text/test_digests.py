"""Digests of many signals: their counts, what they list, and their text."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from signalengine.signals import Outcome, Signal, settled
from signalengine.text.digests import digest_text
from signalengine.text.messages import MAX_TEXT

from tests.examples import examples
from tests.telegram_samples import MINUTE, NOON, digest_of, end, short, signal


def closing(net_return: int, outcome: Outcome = Outcome.TP_HIT, symbol: str = "BTCUSDT") -> Signal:
    return settled(signal(symbol=symbol), end(outcome=outcome, net_return=net_return))


def test_a_digest_counts_directions_and_lists_the_highest_scores() -> None:
    signals = [signal(score=n / 100, symbol=f"S{n}USDT") for n in range(20)] + [short(score=0.9)]
    text = digest_text(digest_of(*signals), "https://example.com/#/signals")
    assert text.splitlines() == [
        "📚 <b>21 signals in one message</b>",
        "",
        "<b>21 opened</b>: 🟢 20 long · 🔴 1 short",
        "1. 🔴 <b>SHORT ETHUSDT</b> 90.0%",
        (
            "   Entry <code>2000.00</code> · TP <code>1980.00</code> · "
            "SL <code>2010.00</code> · R:R 1 : 2.00"
        ),
        *(
            line
            for place, n in enumerate(range(19, 10, -1), start=2)
            for line in (
                f"{place}. 🟢 <b>LONG S{n}USDT</b> {n}.0%",
                (
                    "   Entry <code>50123.45</code> · TP <code>51234.56</code> · "
                    "SL <code>49876.54</code> · R:R 1 : 4.50"
                ),
            )
        ),
        "and 11 more with lower scores",
        "",
        "⏰ 2025-05-19 12:00:00 UTC",
        "📋 All of them: https://example.com/#/signals",
    ]


def test_a_digest_of_closings_has_outcomes_and_the_largest_returns() -> None:
    ended = [
        *(closing(n * 1_000_000, symbol=f"S{n}USDT") for n in range(1, 5)),
        closing(-9_000_000, Outcome.SL_HIT),
        closing(0, Outcome.EXPIRED),
    ]
    text = digest_text(digest_of(*ended))
    assert text.splitlines() == [
        "📚 <b>6 signals in one message</b>",
        "",
        "<b>6 closed</b>: ✅ 4 TP HIT · ❌ 1 SL HIT · ⏱️ 1 EXPIRED",
        "Average return: <b>+0.17%</b> net",
        "❌ SL HIT - LONG BTCUSDT: -9.00% net, 4.50 R gross",
        "✅ TP HIT - LONG S4USDT: +4.00% net, 4.50 R gross",
        "✅ TP HIT - LONG S3USDT: +3.00% net, 4.50 R gross",
        "✅ TP HIT - LONG S2USDT: +2.00% net, 4.50 R gross",
        "✅ TP HIT - LONG S1USDT: +1.00% net, 4.50 R gross",
        "and 1 more with smaller returns",
        "",
        "⏰ 2025-05-19 12:45:00 UTC",
    ]


def test_a_recording_is_named_as_one_and_times_are_a_span() -> None:
    first = signal(market="recording")
    text = digest_text(digest_of(first, replace(first, close_time=NOON + MINUTE)))
    assert text.startswith("📼 <b>RECORDING</b> 📚 <b>2 signals in one message</b>\n<i>A replay")
    assert "⏰ 2025-05-19 12:00:00 UTC to 2025-05-19 12:01:00 UTC" in text


@examples(30)
@given(
    st.lists(st.tuples(st.text(max_size=40), st.booleans()), min_size=1, max_size=30),
    st.floats(1e-9, 1e12),
)
def test_no_text_is_longer_than_telegram_accepts(
    names: list[tuple[str, bool]], price: float
) -> None:
    levels = {"entry_price": price, "tp_price": price, "sl_price": price}
    opened = [(signal(symbol=name, **levels), ends) for name, ends in names]
    digest = digest_of(*(settled(one, end()) if ends else one for one, ends in opened))
    text = digest_text(digest, "https://example.com/" * 10)
    assert len(text) <= MAX_TEXT
    assert "<script" not in text
