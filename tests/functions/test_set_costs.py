"""What one more set in shadow writes, counted in a market that is played with it and without."""

import io
from collections.abc import Sequence
from contextlib import redirect_stdout

import pytest
from signalengine.strategy.sets import StrategySet
from signalengine_aws.costs import sets
from signalengine_aws.costs.model import Amounts, total
from signalengine_aws.costs.prices import Unit

from tests.aws.capacity import Capacity
from tests.aws.sets import deploy, sets_of
from tests.aws.world import World, emptied, new_world
from tests.core.strategy.texts import RUNNER
from tests.functions.conftest import Context, forget_processes
from tests.functions.test_strategy_sets import Stack

MINUTES = 60


def played(world: World, patch: pytest.MonkeyPatch, *registered: StrategySet) -> float:
    """Return the write units of a market with some sets in shadow."""
    with emptied(world, patch), redirect_stdout(io.StringIO()):
        forget_processes()
        capacity = Capacity(world)
        with capacity.listening():
            stack = Stack(world, Context())
            for one in registered:
                stack.register(one)
            capacity.take()
            stack.play(0, MINUTES)
        return capacity.take()[0]


def written(parts: Sequence[Amounts]) -> float:
    return total(parts)[Unit.WRITE]


def test_a_set_in_shadow_writes_what_the_cost_model_says(monkeypatch: pytest.MonkeyPatch) -> None:
    shadow = sets_of(deploy(monkeypatch, runner=RUNNER)["runner"], 0.8)[0]
    with new_world() as world:
        alone = played(world, monkeypatch)
    with new_world() as world:
        together = played(world, monkeypatch, shadow)
        rows = [row for row in world.rows("SIGNALS_TABLE") if shadow.key in row["series"]["S"]]
        events = world.rows("EVENTS_TABLE")
    forget_processes()
    closed = sum("settlement" in row for row in rows)
    entries = sum(shadow.key in row["series"]["S"] for row in events)
    checkpoints = MINUTES / sets.CHECKPOINT_MINUTES + 1  # and after its history
    modelled = (
        checkpoints
        + entries * written(sets.PER_ENTRY)
        + len(rows) * written(sets.PER_SHADOW_OPENED)
        + closed * written(sets.PER_SHADOW_CLOSED)
    )
    assert min(len(rows), closed, entries) > 2
    assert abs(modelled / (together - alone) - 1) < 0.15, (modelled, together - alone)
