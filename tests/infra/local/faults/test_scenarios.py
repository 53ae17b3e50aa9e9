"""Scenarios: their spans, and how many run at a time."""

from infra.local.faults.scenarios import QUICK, SCENARIOS, Plan
from tests.infra.local.faults.samples import MINUTE, START


def test_every_scenario_begins_after_the_lead_and_ends_before_the_tail() -> None:
    for scenario in SCENARIOS.values():
        rows = scenario.rows(START, ["AAAUSDT", "BBBUSDT"])
        at = START if scenario.from_start else START + 4 * MINUTE
        assert all(row["at"] >= at for row in rows)
        ends = [row["at"] + row.get("for", 0) for row in rows]
        assert max(ends, default=0) <= START + (scenario.length_min(30.0) - 6) * MINUTE
        assert all(row.get("symbol") in (None, "AAAUSDT") for row in rows)


def test_wall_clock_waits_take_more_market_at_a_higher_speed() -> None:
    outage = SCENARIOS["kinesis_outage"]
    assert outage.length_min(60.0) == 4 + 140 + 6
    assert outage.length_min(1.0) == 4 + 5 + 6
    assert {*QUICK} < {*SCENARIOS}
    assert Plan("sim").scenarios()[0].name in ("terminated", "day")


def test_slower_playback_runs_more_scenarios_at_a_time() -> None:
    assert Plan("sim", speed=30.0).at_once == 4
    assert Plan("sim", speed=120.0).at_once == 1
    assert Plan("sim", speed=1.0).at_once == len(SCENARIOS)
    assert Plan("sim", speed=1.0, jobs=3).at_once == 3
    assert Plan("sim", speed=1.0, names=("none",)).at_once == 1
