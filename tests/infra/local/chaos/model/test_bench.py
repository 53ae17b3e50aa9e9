"""A schedule is played on the real functions; what it should notice, it notices."""

import json
from collections.abc import Iterator

import pytest
from signalengine_aws.stores.signals import DynamoClosings

from infra.local.chaos.model.bench import Bench
from infra.local.chaos.model.schedules.schedule import Connect, Feed, Run, Schedule
from infra.local.chaos.model.services.faults import Fault, Kind

FED = (Connect("first"), Feed(6), Run("compute_features"), Run("compute_features", shard=1))


def test_undisturbed_schedules_have_signals_of_every_outcome(bench: Bench) -> None:
    outcomes = set()
    for market in (0, 1):
        verdict = bench.run(Schedule(market, ()))
        assert verdict.violations == ()
        assert verdict.signals >= 3
        items = bench.account.dynamodb.tables["signals_table"].items.values()
        ends = [json.loads(item["settlement"]["S"]) for item in items if "settlement" in item]
        outcomes |= {end["outcome"] for end in ends}
    assert outcomes == {"tp_hit", "sl_hit", "expired"}


def test_a_schedule_does_the_same_again(bench: Bench) -> None:
    schedule = Schedule(1, (*FED, Run("score_events", faults=(Fault(1, Kind.AFTER),))))
    first, second = bench.run(schedule), bench.run(schedule)
    assert first == second
    assert first.count.faults == 1


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("function", ["score_events", "track_signals", "publish_signals"])
def test_a_fault_of_each_kind_at_each_call_heals(bench: Bench, function: str, kind: Kind) -> None:
    before = (*FED, Run("score_events"), Run("score_events", shard=1))
    runs = tuple(
        Run(function, shard, faults=(Fault(call, kind),), lag=call)
        for call in (1, 3)
        for shard in (0, 1)
    )
    assert bench.run(Schedule(0, (*before, *runs))).violations == ()


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Closings that are committed without their publication."""
    plain = DynamoClosings.close
    DynamoClosings.close = lambda self, signal, end: True  # type: ignore[method-assign]  # a fault
    yield
    DynamoClosings.close = plain  # type: ignore[method-assign]  # back again


def test_a_signal_that_is_never_closed_is_noticed(bench: Bench, forgetful: None) -> None:
    found = bench.run(Schedule(0, ())).violations
    assert any("was not settled by the sweep" in words for words in found)
    assert any("is missing" in words or "differs" in words for words in found)
