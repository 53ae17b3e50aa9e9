"""The pace of a chat: a channel's limits hold for every order of arrivals."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine_aws.delivery.pacing import (
    LONGEST_OUTAGE_PAUSE_MS,
    SLOT_GRACE_MS,
    AddressState,
    SendLimits,
    broken,
    parked,
    paused,
    reserve,
    slot_holds,
    unparked,
)

from tests.telegram_samples import NOON

PRIVATE, GROUP = SendLimits(1_000), SendLimits(1_000, per_minute=20)
gaps = st.lists(st.integers(0, 5_000), min_size=1, max_size=80)


def slots_of(arrivals: list[int], limits: SendLimits) -> list[tuple[int, int]]:
    """Return (arrival, slot) of messages that come after these gaps."""
    chat, now, out = AddressState("c"), NOON, []
    for gap in arrivals:
        now += gap
        chat, slot = reserve(chat, now, limits)
        out.append((now, slot))
    return out


@settings(deadline=None)
@given(gaps, st.sampled_from([PRIVATE, GROUP]))
def test_slots_are_a_second_apart_and_never_in_the_past(
    arrivals: list[int], limits: SendLimits
) -> None:
    rows = slots_of(arrivals, limits)
    assert all(slot >= now for now, slot in rows)
    slots = [slot for _, slot in rows]
    assert all(b - a >= 1_000 for a, b in itertools.pairwise(slots))


@settings(deadline=None)
@given(gaps)
def test_a_group_never_has_more_than_twenty_slots_in_a_minute(arrivals: list[int]) -> None:
    slots = [slot for _, slot in slots_of(arrivals, GROUP)]
    for first, later in zip(slots, slots[20:], strict=False):
        assert later - first >= 60_000


def test_a_chat_without_recent_messages_gets_one_at_once() -> None:
    assert slots_of([0, 60_000], GROUP) == [(NOON, NOON), (NOON + 60_000, NOON + 60_000)]


def test_a_pause_moves_slots_behind_it_and_voids_those_before() -> None:
    chat, slot = reserve(AddressState("c"), NOON, PRIVATE)
    chat = paused(chat, NOON + 35_000)
    assert not slot_holds(chat, slot, NOON)
    chat, later = reserve(chat, NOON, PRIVATE)
    assert later == NOON + 35_000
    assert slot_holds(chat, later, NOON + 35_000)
    assert paused(chat, NOON).paused_until == NOON + 35_000


def test_a_slot_missed_by_long_is_void() -> None:
    chat, slot = reserve(AddressState("c"), NOON, PRIVATE)
    assert slot_holds(chat, slot, NOON + SLOT_GRACE_MS - 1)
    assert not slot_holds(chat, slot, NOON + SLOT_GRACE_MS)


def test_each_attempt_without_an_answer_doubles_the_pause_up_to_its_longest() -> None:
    state, now = AddressState("c"), NOON
    for attempt in range(20):
        state = broken(state, now)
        assert state.paused_until - now == min(1_000 << attempt, LONGEST_OUTAGE_PAUSE_MS)
        now = state.paused_until
    again = broken(unparked(state), now)
    assert again.paused_until - now == 1_000


def test_parking_stores_the_reason_and_ends() -> None:
    chat = parked(AddressState("c"), NOON, "403: blocked")
    assert (chat.parked_until > NOON, chat.parked_reason) == (True, "403: blocked")
    assert unparked(chat) == AddressState("c")
