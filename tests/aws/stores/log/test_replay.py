"""A state folded from any checkpoint is the state of the whole log."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.fold import Advanced, SymbolState
from signalengine.policy import default_policy
from signalengine_aws.application.folding import Group, fold_group, saved
from signalengine_aws.messaging.records import Record
from signalengine_aws.stores.log.entry import Entry, Reset, pack, unpack
from signalengine_aws.stores.log.replay import Member, Replay, beginning, readable
from signalengine_aws.stores.state import StoredState

from tests.aws.market import bars_facts, history
from tests.examples import examples

POLICY, SYMBOL = default_policy(), "ETHUSDT"
FACTS = [*history(SYMBOL), *bars_facts(SYMBOL, 30)]


def entries() -> list[tuple[Entry, StoredState]]:
    """Each fact's entry, read back, and the checkpoint that could be made after it."""
    group, found = Group(0, 0, {}), []
    for number, fact in enumerate(FACTS):
        item = (Record(b"", SYMBOL, str(number)), fact)
        turn = fold_group(group, {SYMBOL: [item]}, POLICY)
        group = turn.after
        one = group.members[SYMBOL]
        assert turn.entry is not None
        assert one.state is not None
        stored = StoredState(
            one.state.to_bytes(), one.close_time, one.evaluated,
            one.known_from, group.number,
        )  # fmt: skip
        found.append((unpack(pack(turn.entry)), stored))
    return found


ENTRIES = entries()


def folded(checkpoint: StoredState | None, since: int = 0) -> Replay:
    replay = beginning([SYMBOL], {} if checkpoint is None else {SYMBOL: checkpoint}, POLICY)
    for number, (entry, _) in enumerate(ENTRIES, start=1):
        if number > since:
            replay.fold(number, entry)
    return replay


def compared(one: Member) -> Member:
    return replace(one, unsaved=None, saved_at=0)


@given(st.integers(0, len(ENTRIES) - 1), st.data())
@examples(10)
def test_any_checkpoint_gives_the_state_of_the_whole_log(at: int, data: st.DataObject) -> None:
    """And entries before it may be read, or not."""
    checkpoint = ENTRIES[at][1]
    some = folded(checkpoint, data.draw(st.integers(0, at + 1)))
    assert compared(some.members[SYMBOL]) == compared(folded(None).members[SYMBOL])
    assert some.members[SYMBOL].unsaved == (None if at == len(ENTRIES) - 1 else at + 2)


def test_the_last_entry_says_what_may_not_be_stored_yet() -> None:
    numbers = [n for n, (entry, _) in enumerate(ENTRIES, 1) if entry.facts]
    found = []
    for number in numbers:
        replay = beginning([SYMBOL], {}, POLICY)
        for at, (entry, _) in enumerate(ENTRIES[:number], start=1):
            replay.fold(at, entry)
        found += [one.close_time for one in replay.derived.evaluations]
        after = beginning([SYMBOL], {SYMBOL: ENTRIES[number - 1][1]}, POLICY)
        after.fold(number, ENTRIES[number - 1][0])
        assert (after.derived.evaluations, after.derived.longer) == ((), ())
    assert found
    assert max(found) == ENTRIES[-1][0].members[SYMBOL].evaluated


def test_what_cannot_be_read_makes_a_symbol_unknown_until_history_comes() -> None:
    replay = folded(None)
    replay.fold(len(ENTRIES) + 1, None)
    assert replay.members[SYMBOL].state is None
    replay.fold(len(ENTRIES) + 2, replace(ENTRIES[-1][0], resets={}))
    assert replay.members[SYMBOL].state is None
    data = SymbolState.fresh(SYMBOL).to_bytes()
    replay.fold(len(ENTRIES) + 3, Entry(0, 0, {}, (), {SYMBOL: Reset(data, "9")}))
    assert replay.members[SYMBOL].known_from == "9"
    replay.fold(len(ENTRIES) + 4, Entry(0, 0, {}, (), {SYMBOL: Reset(b"\xff", "10")}))
    assert replay.members[SYMBOL].state is None
    assert readable(SYMBOL, b"\xff") is None


def test_whoever_folds_need_not_read_the_entries_of_a_lost_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else the entries to be read would only become more."""

    def broken(*_args: object) -> Advanced:
        raise ZeroDivisionError("another version could fold it")

    at = len(ENTRIES)
    unreadable, reset, defect = folded(None), folded(None), folded(None)
    assert unreadable.members[SYMBOL].unsaved == 1
    unreadable.fold(at + 1, None)
    reset.fold(at + 1, Entry(0, 0, {}, (), {SYMBOL: Reset(b"\xff", "10")}))
    monkeypatch.setattr("signalengine_aws.stores.log.replay.advance", broken)
    defect.fold(at + 1, Entry(0, 0, {}, (bars_facts(SYMBOL, 31)[30],)))
    for replay in (unreadable, reset, defect):
        member = replay.members[SYMBOL]
        assert (member.state, member.unsaved) == (None, None)


def test_a_saved_group_lacks_nothing() -> None:
    group = saved(Group(1, 60_000, {SYMBOL: Member(unsaved=1), "B": Member(unsaved=1)}), [SYMBOL])
    assert (group.members[SYMBOL].unsaved, group.members["B"].unsaved) == (None, 1)
