"""Digests of many signals: their counts, what they list, and their text."""

from dataclasses import replace
from functools import reduce
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.digests import Digest, digest_from_json, digest_to_json, with_signal
from signalengine.signals import Outcome, Signal, settled
from signalengine.text.digests import digest_text
from signalengine.text.messages import MAX_TEXT

from tests.examples import examples
from tests.telegram_samples import MINUTE, NOON, end, short, signal


def digest_of(*signals: Signal, replies: tuple[str, ...] = ()) -> Digest:
    digest: Digest | None = None
    for number, one in enumerate(signals):
        digest = with_signal(digest, one, replies[number] if replies else None)
    assert digest is not None
    return digest


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
        "   Entry $2,000.00 · TP $1,980.00 · SL $2,010.00",
        *(
            line
            for place, n in enumerate(range(19, 10, -1), start=2)
            for line in (
                f"{place}. 🟢 <b>LONG S{n}USDT</b> {n}.0%",
                "   Entry $50,123.45 · TP $51,234.56 · SL $49,876.54",
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
        "❌ SL HIT - LONG BTCUSDT: -9.00% net",
        "✅ TP HIT - LONG S4USDT: +4.00% net",
        "✅ TP HIT - LONG S3USDT: +3.00% net",
        "✅ TP HIT - LONG S2USDT: +2.00% net",
        "✅ TP HIT - LONG S1USDT: +1.00% net",
        "and 1 more with smaller returns",
        "",
        "⏰ 2025-05-19 12:45:00 UTC",
    ]


def test_a_recording_is_named_as_one_and_times_are_a_span() -> None:
    first = signal(market="recording")
    text = digest_text(digest_of(first, replace(first, close_time=NOON + MINUTE)))
    assert text.startswith("📼 <b>RECORDING</b> 📚 <b>2 signals in one message</b>\n<i>A replay")
    assert "⏰ 2025-05-19 12:00:00 UTC to 2025-05-19 12:01:00 UTC" in text


@pytest.mark.parametrize(
    ("replies", "expected"),
    [(("7", "7"), "7"), (("7", "8"), None), (("", "7"), None), (("", ""), None)],
)
def test_closings_of_one_message_reply_to_it(
    replies: tuple[str, str], expected: str | None
) -> None:
    assert digest_of(closing(1), closing(2), replies=replies).reply_to == expected


def test_a_digest_with_openings_replies_to_nothing() -> None:
    assert digest_of(closing(1), signal(), replies=("7", "")).reply_to is None


SIGNALS = st.builds(
    lambda opened, name, score, net: (
        signal(symbol=name, score=score)
        if opened
        else settled(signal(symbol=name, score=score), end(net_return=net))
    ),
    st.booleans(),
    st.text(max_size=40),
    st.floats(0, 1),
    st.integers(-(10**10), 10**10),
)


@examples(60)
@given(st.lists(SIGNALS, min_size=1, max_size=40), st.randoms())
def test_the_order_does_not_matter_and_the_size_is_bounded(
    signals: list[Signal], random: Random
) -> None:
    digest = digest_of(*signals)
    assert digest.size == len(signals)
    assert digest_from_json(digest_to_json(digest)) == digest
    assert len(digest_text(digest, "https://example.com/" * 10)) <= MAX_TEXT
    mixed = list(signals)
    random.shuffle(mixed)
    other = reduce(with_signal, mixed[1:], with_signal(None, mixed[0]))
    assert [one.score for one in other.top] == [one.score for one in digest.top]
    assert (other.opened, other.closed, other.net_sum) == (
        digest.opened, digest.closed, digest.net_sum,
    )  # fmt: skip
