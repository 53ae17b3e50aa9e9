"""The pace of a chat: Telegram's limits hold for every order of arrivals."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine_aws.delivery.pacing import (
    GROUP_PER_MINUTE,
    SLOT_GRACE_MS,
    ChatState,
    is_group,
    parked,
    paused,
    reserve,
    slot_holds,
    unparked,
)

from tests.telegram_samples import NOON

gaps = st.lists(st.integers(0, 5_000), min_size=1, max_size=80)


def slots_of(arrivals: list[int], *, group: bool) -> list[tuple[int, int]]:
    """Return (arrival, slot) of messages that come after these gaps."""
    chat, now, out = ChatState("c"), NOON, []
    for gap in arrivals:
        now += gap
        chat, slot = reserve(chat, now, group=group)
        out.append((now, slot))
    return out


@settings(deadline=None)
@given(gaps, st.booleans())
def test_slots_are_a_second_apart_and_never_in_the_past(arrivals: list[int], group: bool) -> None:
    rows = slots_of(arrivals, group=group)
    assert all(slot >= now for now, slot in rows)
    slots = [slot for _, slot in rows]
    assert all(b - a >= 1_000 for a, b in itertools.pairwise(slots))


@settings(deadline=None)
@given(gaps)
def test_a_group_never_has_more_than_twenty_slots_in_a_minute(arrivals: list[int]) -> None:
    slots = [slot for _, slot in slots_of(arrivals, group=True)]
    for first, later in zip(slots, slots[GROUP_PER_MINUTE:], strict=False):
        assert later - first >= 60_000


def test_a_quiet_chat_is_written_to_at_once() -> None:
    assert slots_of([0, 60_000], group=True) == [(NOON, NOON), (NOON + 60_000, NOON + 60_000)]


def test_a_pause_moves_slots_behind_it_and_voids_those_before() -> None:
    chat, slot = reserve(ChatState("c"), NOON, group=False)
    chat = paused(chat, NOON + 35_000)
    assert not slot_holds(chat, slot, NOON)
    chat, later = reserve(chat, NOON, group=False)
    assert later == NOON + 35_000
    assert slot_holds(chat, later, NOON + 35_000)
    assert paused(chat, NOON).paused_until == NOON + 35_000


def test_a_slot_missed_by_long_is_void() -> None:
    chat, slot = reserve(ChatState("c"), NOON, group=False)
    assert slot_holds(chat, slot, NOON + SLOT_GRACE_MS - 1)
    assert not slot_holds(chat, slot, NOON + SLOT_GRACE_MS)


def test_parking_says_why_and_ends() -> None:
    chat = parked(ChatState("c"), NOON, "403: blocked")
    assert (chat.parked_until > NOON, chat.parked_reason) == (True, "403: blocked")
    assert unparked(chat) == ChatState("c")


def test_groups_and_channels_are_negative_or_named() -> None:
    assert [is_group(chat) for chat in ("42", "-42", "-1001", "@name")] == [False, True, True, True]
