"""Digests: what they count and hold, whatever the order, and their stored form."""

from functools import reduce
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.digests import digest_from_json, digest_to_json, with_signal
from signalengine.signals import Signal, settled

from tests.examples import examples
from tests.telegram_samples import digest_of, end, signal


def closing(net_return: int) -> Signal:
    return settled(signal(), end(net_return=net_return))


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
    mixed = list(signals)
    random.shuffle(mixed)
    other = reduce(with_signal, mixed[1:], with_signal(None, mixed[0]))
    assert [one.score for one in other.top] == [one.score for one in digest.top]
    assert (other.opened, other.closed, other.net_sum) == (
        digest.opened, digest.closed, digest.net_sum,
    )  # fmt: skip
