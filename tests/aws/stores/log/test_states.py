"""States and progress, read from logs."""

from dataclasses import replace

import pytest
from signalengine.fold import SymbolState
from signalengine.policy import default_policy
from signalengine_aws.stores.log import states as module
from signalengine_aws.stores.log.entry import Entry, Reached, Reset, pack
from signalengine_aws.stores.log.log import Appended
from signalengine_aws.stores.log.reached import DynamoReached
from signalengine_aws.stores.log.states import MOST_BEHIND, DynamoFoldedStates, read_group
from signalengine_aws.stores.state import DynamoStates, StoredState

from tests.aws.fakes import MemoryCheckpoints, MemoryLog
from tests.aws.folded import store
from tests.aws.market import bars_facts
from tests.aws.positions import T, store_folded
from tests.aws.stores.log.test_replay import ENTRIES, POLICY
from tests.aws.stores.log.test_replay import SYMBOL as FOLDED
from tests.aws.world import World
from tests.functions.test_compute_features import BEFORE, warm

SYMBOL = "ETHUSDT"


def states() -> dict[str, SymbolState]:
    folded = DynamoFoldedStates("bars_table", "state_table", default_policy())
    return folded.of([SYMBOL, "BTCUSDT", "XRPUSDT"])


def test_a_state_is_its_checkpoint_and_the_entries_after_it(world: World) -> None:
    assert states() == {}
    store(resets={"BTCUSDT": Reset(warm("BTCUSDT", BEFORE).data, "7")})
    store(*bars_facts(SYMBOL, 1))
    DynamoStates("state_table").put(SYMBOL, replace(warm(SYMBOL, BEFORE), entry=2))
    store(*bars_facts(SYMBOL, BEFORE + 9)[BEFORE:])
    found = states()
    assert found[SYMBOL].to_bytes() == warm(SYMBOL, BEFORE + 9).data
    assert found["BTCUSDT"].to_bytes() == warm("BTCUSDT", BEFORE).data
    assert "XRPUSDT" not in found


def logged(since: int) -> MemoryLog:
    """A log whose newest entry says that checkpoints are those of entry `since` at least."""
    log = MemoryLog()
    for number, (entry, _) in enumerate(ENTRIES, 1):
        data = pack(replace(entry, since=min(since, number - 1)))
        assert log.append(0, number, data) is Appended.NEW
    return log


def read_from(log: MemoryLog, stored: StoredState | None) -> SymbolState | None:
    states = MemoryCheckpoints() if stored is None else MemoryCheckpoints(items={FOLDED: stored})
    return read_group(log, states, 0, [FOLDED], POLICY).replay.members[FOLDED].state


@pytest.mark.parametrize("since", range(1, len(ENTRIES)))
def test_a_state_is_the_same_from_any_checkpoint_however_old(since: int) -> None:
    """A restored table has older checkpoints than the log says."""
    log, (_, newest) = logged(since), ENTRIES[-1]
    for _, stored in ENTRIES:
        state = read_from(log, stored)
        assert state is not None
        assert state.to_bytes() == newest.data


def test_a_checkpoint_whose_next_entries_are_gone_is_no_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    since = len(ENTRIES) - 2
    (_, first), (_, at) = ENTRIES[9], ENTRIES[since - 1]
    log = logged(since)
    del log.items[0, first.entry + 1]
    assert read_from(log, first) is None, "entries after it have expired"
    assert read_from(log, at) is not None
    assert read_from(logged(since), None) is None
    monkeypatch.setattr(module, "MOST_BEHIND", since - first.entry - 1)
    assert read_from(logged(since), first) is None, "too many entries follow it"


def test_an_old_checkpoint_of_a_symbol_without_bars_is_its_state() -> None:
    """No entries are read again for a symbol that has no bars, as one that was delisted."""
    log, (entry, stored) = MemoryLog(), ENTRIES[-1]
    for number in range(1, 6):
        rest = Entry(number - 1, entry.newest, entry.members)
        log.append(0, stored.entry + number * MOST_BEHIND, pack(rest))
    state = read_from(log, stored)
    assert state is not None
    assert state.to_bytes() == stored.data


def test_the_newest_entry_says_how_far_every_symbol_is(world: World) -> None:
    reached = DynamoReached("bars_table", "state_table")
    assert (reached.of([SYMBOL]), reached.until(SYMBOL)) == ({}, 0)
    store_folded("BTCUSDT", T, T - 1)
    store_folded(SYMBOL, T + 5)
    assert reached.of([SYMBOL, "BTCUSDT", "XRPUSDT"]) == {
        SYMBOL: Reached(T + 5, 0), "BTCUSDT": Reached(T, T - 1)
    }  # fmt: skip
    assert reached.until(SYMBOL) == T + 5
