"""Items of another version: nothing else is held up, and what cannot be read stays."""

import pytest

from infra.local.chaos.model.bench import Bench
from infra.local.chaos.model.foreign import KINDS
from infra.local.chaos.model.schedules.families import OPENED
from infra.local.chaos.model.schedules.schedule import Feed, Foreign, Run, Schedule


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_item_of_another_version_holds_nothing_up(bench: Bench, kind: str) -> None:
    steps = (Feed(3), *OPENED, Run("track_signals"), Foreign(kind), Foreign(kind))
    assert bench.run(Schedule(0, steps)).violations == ()


def test_a_signal_that_cannot_be_read_waits_for_a_version_that_can(bench: Bench) -> None:
    steps = (Feed(3), *OPENED, Foreign("signal"))
    assert bench.run(Schedule(0, steps)).violations == ()
    item = bench.account.dynamodb.tables["signals_table"].items[b"foreign0"]
    assert item["pending"] == {"SS": ["opened"]}
    assert "open" in item
