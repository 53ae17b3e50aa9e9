"""The sequence of bars: the head is the next one, and holes are known."""

from hypothesis import given
from hypothesis import strategies as st
from signalengine.bars.sequencer import LATE_MS, BarSequencer
from signalengine.intervals import MINUTE_MS

from tests.core.bar_samples import T0, bar_at


@given(st.permutations(range(8)))
def test_bars_are_sent_in_order_however_they_arrive(order: list[int]) -> None:
    sequence, sent = BarSequencer(), list[int]()
    sequence.next_open = T0
    for n in order:
        assert sequence.offer(bar_at(n), "ws") is None
        while (head := sequence.head()) is not None:
            sent.append(head[0].open_time)
            sequence.advance()
    assert sent == [T0 + n * MINUTE_MS for n in range(8)]
    assert len(sequence) == 0


def test_the_first_of_two_bars_of_one_minute_is_used() -> None:
    sequence = BarSequencer()
    first, second = bar_at(0), bar_at(0, seed=1)
    assert sequence.offer(first, "ws") is None
    assert sequence.offer(second, "rest") == first
    assert sequence.head() == (first, "ws")


def test_a_hole_ends_at_the_next_bar_held_or_at_the_last_minute_that_is_late() -> None:
    sequence = BarSequencer()
    sequence.next_open = T0
    assert sequence.hole(T0 + MINUTE_MS + LATE_MS - 1) is None
    assert sequence.hole(T0 + 2 * MINUTE_MS + LATE_MS) == (T0, T0 + 2 * MINUTE_MS)
    sequence.offer(bar_at(1), "ws")
    assert sequence.hole(T0 + 9 * MINUTE_MS) == (T0, T0 + MINUTE_MS)


def test_a_hole_is_given_up_only_when_a_later_bar_is_held() -> None:
    sequence = BarSequencer()
    sequence.next_open = T0
    assert not sequence.skip()
    sequence.offer(bar_at(3), "ws")
    assert sequence.skip()
    assert (sequence.next_open, sequence.gap_ms) == (T0 + 3 * MINUTE_MS, 3 * MINUTE_MS)
