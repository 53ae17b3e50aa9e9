"""States and progress, read from logs."""

from dataclasses import replace

from signalengine.fold import SymbolState
from signalengine.policy import default_policy
from signalengine_aws.stores.log.entry import Reached, Reset
from signalengine_aws.stores.log.reached import DynamoReached
from signalengine_aws.stores.log.states import DynamoFoldedStates
from signalengine_aws.stores.state import DynamoStates

from tests.aws.folded import store
from tests.aws.market import bars_facts
from tests.aws.positions import T, store_folded
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


def test_the_newest_entry_says_how_far_every_symbol_is(world: World) -> None:
    reached = DynamoReached("bars_table", "state_table")
    assert (reached.of([SYMBOL]), reached.until(SYMBOL)) == ({}, 0)
    store_folded("BTCUSDT", T, T - 1)
    store_folded(SYMBOL, T + 5)
    assert reached.of([SYMBOL, "BTCUSDT", "XRPUSDT"]) == {
        SYMBOL: Reached(T + 5, 0), "BTCUSDT": Reached(T, T - 1)
    }  # fmt: skip
    assert reached.until(SYMBOL) == T + 5
