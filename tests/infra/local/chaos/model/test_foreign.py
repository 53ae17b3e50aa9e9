"""Items of another version: nothing else is held up, and what cannot be read stays."""

import pytest

from infra.local.chaos.model.bench import Bench
from infra.local.chaos.model.foreign import EVERY, EXTRA
from infra.local.chaos.model.schedules.families import OPENED
from infra.local.chaos.model.schedules.schedule import Connect, Feed, Foreign, Run, Schedule

BEGUN = (
    Connect("first"), Feed(3), *OPENED, Run("track_signals"), Run("publish_signals"),
    Run("publish_signals", shard=1), Run("send_telegram", take=3), Connect("second"),
)  # fmt: skip


@pytest.mark.parametrize("kind", sorted(EVERY))
def test_an_item_of_another_version_holds_nothing_up(bench: Bench, kind: str) -> None:
    assert bench.run(Schedule(0, (*BEGUN, Foreign(kind), Foreign(kind)), "whole")).violations == ()


def test_every_table_of_the_functions_has_such_items(bench: Bench) -> None:
    bench.run(Schedule(0, (*BEGUN, *map(Foreign, sorted(EVERY))), "whole"))
    tables = bench.account.dynamodb.tables
    changed = {
        name for name, table in tables.items()
        if any(EXTRA in item for item in table.items.values())
    }  # fmt: skip
    assert {"bars_table", "decisions_table", "subscriptions_table"} <= changed


def test_a_signal_that_cannot_be_read_waits_for_a_version_that_can(bench: Bench) -> None:
    steps = (Feed(3), *OPENED, Foreign("signal"))
    assert bench.run(Schedule(0, steps)).violations == ()
    item = bench.account.dynamodb.tables["signals_table"].items[b"foreign0"]
    assert item["pending"] == {"SS": ["opened"]}
    assert "open" in item
