"""The table of slots: bytes of any layout load, and what they lack begins anew."""

import random
import re
from collections.abc import Collection, Mapping
from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.fold import SymbolState, advance
from signalengine.indicators import COUNT, EMA_BEGAN
from signalengine.layout import BLOCK, BLOCKS, MINUTE_BLOCK, SIZE, STATE, fresh_buffer
from signalengine.policy import default_policy
from signalengine.signals import Evaluation
from signalengine.slots import Slot
from signalengine.snapshot import BASE, NAMES, interval_features
from signalengine.snapshot import SIZE as SNAPSHOT_SIZE
from signalengine.state.codec import body, prefix, unpack
from signalengine.state.slot_table import CURRENT, FIRST, plan_of

from tests.examples import examples

from ..markets import SYMBOL, after_warm, facts_of, warm_state
from .test_codec import KINDS, bits, filled

NAMED: Mapping[str, Slot] = {slot.name: slot for slot in STATE}
UNKNOWN = ("ema_9", "ema_21", "ema_50", "ema_21_before")
"""Features of the slots in EMAS."""
EMAS = ("ema9", "ema20", "ema21", "ema50", "ema21_late")


def table_without(names: Collection[str]) -> str:
    """Return a table of each slot by itself, without some."""
    left = [slot for slot in STATE if slot.name not in names]
    return "\n".join(["1m", *(f"bits {slot.name}*{slot.count}" for slot in left), ""])


def stored(s: list[float], table: str) -> bytes:
    return prefix(table) + body(s, plan_of(table))


def without(s: list[float], names: Collection[str]) -> list[float]:
    """Return a buffer as it is read from bytes that lack some slots."""
    return unpack(stored(s, table_without(names)))


# --- the tables -----------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [CURRENT, table_without(())])
def test_every_slot_is_in_one_column(table: str) -> None:
    plan = plan_of(table)
    places = sorted(place for column in plan.columns for place in column.places)
    assert places == list(range(SIZE))
    assert plan.missing == ()


def test_slots_follow_each_other_without_holes() -> None:
    places = [slot.at + k for slot in STATE for k in range(slot.count)]
    assert places == list(range(SIZE))
    assert len(NAMED) == len(STATE)


def test_names_have_the_letters_of_a_table() -> None:
    assert [name for name in NAMED if not re.fullmatch(r"[a-z0-9_.]+", name)] == []


def test_every_slot_of_the_first_table_is_one_of_today() -> None:
    places = [place for column in plan_of(FIRST).columns for place in column.places]
    assert SIZE not in places
    assert len(places) == len(set(places))


def test_the_table_costs_few_bytes() -> None:
    assert len(prefix(CURRENT)) < 200


# --- another layout -------------------------------------------------------------------------------


@given(
    st.sets(st.sampled_from([slot.name for slot in STATE if not slot.vital]), max_size=40),
    st.integers(0, 10**9),
)
@examples(40)
def test_slots_that_bytes_lack_begin_anew_and_the_others_are_exact(
    gone: set[str], seed: int
) -> None:
    s = filled(random.Random(seed), KINDS)
    read = without(s, gone)
    lost = [NAMED[name] for name in gone]
    begins = {(_block(slot), slot.since) for slot in lost if slot.since is not None}
    for slot in STATE:
        now = read[slot.at : slot.at + slot.count]
        b = _block(slot)
        if slot.since is not None and (b, slot.since) in begins:
            assert bits(now) == bits([slot.fresh] * slot.count)
        elif (b, slot.at - b) in begins:
            assert bits(now) == bits([s[b + COUNT]])
        elif slot.name in gone:
            assert bits(now) == bits([slot.lost] * slot.count)
        else:
            assert bits(now) == bits(s[slot.at : slot.at + slot.count])


def _block(slot: Slot) -> int:
    return slot.at // BLOCK * BLOCK


@pytest.mark.parametrize("name", [slot.name for slot in STATE if slot.vital])
def test_an_interval_without_its_bars_begins_anew_as_a_whole(name: str) -> None:
    s, fresh = list(warm_state().buffer), fresh_buffer()
    b = _block(NAMED[name])
    s[b : b + BLOCK] = fresh[b : b + BLOCK]
    assert bits(without(list(warm_state().buffer), [name])) == bits(s)


def test_a_slot_that_this_code_does_not_have_is_skipped() -> None:
    table = CURRENT.replace("plain mark", "plain mark later*3").replace("(gain)", "(later) (gain)")
    bytes_of_tomorrow = prefix(table) + body([*warm_state().buffer, 0.1], plan_of(table))
    assert bits(unpack(bytes_of_tomorrow)) == bits(warm_state().buffer)


def test_a_slot_of_another_length_is_another_slot() -> None:
    table = CURRENT.replace("oi*16", "oi*20")
    read = unpack(prefix(table) + body([*warm_state().buffer, 0.1], plan_of(table)))
    oi = NAMED["oi"]
    assert all(isnan(x) for x in read[oi.at : oi.at + oi.count])


# --- only its indicator is not warm ---------------------------------------------------------------


def features(state: SymbolState) -> dict[str, float]:
    f = [nan] * SNAPSHOT_SIZE
    interval_features(list(state.buffer), MINUTE_BLOCK, f, 0)
    return dict(zip(NAMES, f[: BASE // len(BLOCKS)], strict=True))


def test_a_lost_average_is_unknown_until_its_own_window_fills() -> None:
    warm = warm_state()
    lost = SymbolState(SYMBOL, without(list(warm.buffer), [f"1m.{name}" for name in EMAS]))
    assert lost.buffer[MINUTE_BLOCK + EMA_BEGAN] == warm.buffer[MINUTE_BLOCK + COUNT]
    started: dict[str, int] = {}
    new, policy = SymbolState.fresh(SYMBOL), default_policy()
    for n, fact in enumerate(facts_of(after_warm(60)), start=1):
        warm, lost = advance(warm, fact, policy).state, advance(lost, fact, policy).state
        new = advance(new, fact, policy).state
        whole, found, fresh = features(warm), features(lost), features(new)
        for name, value in found.items():
            if name in UNKNOWN:
                assert bits([value]) == bits([fresh[name]]), (n, name)
                if value == value:
                    started.setdefault(name, n)
            else:
                assert bits([value]) == bits([whole[name]]), (n, name)
    assert started == {"ema_9": 9, "ema_21": 21, "ema_50": 50, "ema_21_before": 24}


def test_no_event_comes_of_an_average_that_is_not_warm() -> None:
    state, policy = warm_state(), default_policy()
    lost = SymbolState(SYMBOL, without(list(state.buffer), ["5m.ema9", "5m.gain"]))
    seen: list[Evaluation] = []
    for fact in facts_of(after_warm(100)):
        advanced = advance(lost, fact, policy)
        lost = advanced.state
        seen += [advanced.evaluation] if advanced.evaluation else []
    kinds = {(event.kind, event.interval) for one in seen for event in one.events}
    assert ("ema_cross", "5m") not in kinds
    assert ("rsi_extreme", "5m") not in kinds
    assert kinds != set()
