"""The ledger: entries by day, newest first, and what a day of them comes to."""

from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine_aws.stores.gaps import STARTED, DynamoGaps, GapSummary, public, summarise

from tests.aws.market import gap
from tests.aws.positions import T
from tests.aws.world import World

DAY = "2025-05-19"


def test_a_day_is_read_newest_first_page_by_page(world: World) -> None:
    gaps = DynamoGaps("gaps_table")
    entries = [gap(T + n * MINUTE_MS) for n in range(5)]
    gaps.put([*entries[2:], *entries[:2], gap(T + 2 * DAY_MS)])
    page = gaps.page(DAY, 2)
    first, rest = page.entries, gaps.page(DAY, 9, before=page.last).entries
    assert first + rest == entries[::-1]
    assert gaps.of_day("2025-05-18", 9) == []


def test_an_entry_of_another_version_is_left_out(world: World) -> None:
    gaps = DynamoGaps("gaps_table")
    gaps.put([gap(T)])
    strange = {"day": DAY, "gap_id": "9", "body": '{"time":', "ttl": 1}
    kinds = {"ttl": "N"}
    item = {name: {kinds.get(name, "S"): str(value)} for name, value in strange.items()}
    world.dynamodb.put_item(TableName="gaps_table", Item=item)
    assert gaps.of_day(DAY, 9) == [gap(T)]


def test_a_summary_is_of_the_24_hours_before_the_market_s_own_time(world: World) -> None:
    gaps = DynamoGaps("gaps_table")
    assert gaps.summary(T) == GapSummary(0, 0, 0)
    gaps.put([
        gap(T, outcome="open"),
        gap(T - 1, outcome="lost", missing=5, repaired=2),
        gap(T - 2, outcome="repaired", missing=4, repaired=4),
        gap(T - 3, outcome="noted", missing=0),
        gap(T - DAY_MS, outcome="lost", missing=9),
    ])  # fmt: skip
    assert gaps.summary(T) == GapSummary(open=1, last_24h=3, lost_bars_24h=3)


def test_a_bar_that_two_tasks_miss_is_lost_once() -> None:
    both = [gap(T, outcome="lost", task=name) for name in ("one", "two")]
    assert summarise(both, T).lost_bars_24h == 1


def test_a_restart_closes_the_entries_that_a_task_left_open() -> None:
    left = gap(T, outcome="open")
    start = gap(T + 1, None, cause=STARTED, outcome="noted", missing=0)
    assert summarise([left], T + 2).open == 1
    assert summarise([start, left], T + 2).open == 0
    assert summarise([gap(T + 1, None, cause=STARTED, task="other"), left], T + 2).open == 1


def test_a_public_entry_has_its_lost_bars() -> None:
    told = public(gap(T, outcome="lost", missing=3, repaired=1))
    assert (told["id"][:14], told["bars_lost"], told["symbol"]) == (f"{T:014d}", 2, "BTCUSDT")
