"""A schedule is played on the real functions; what it should notice, it notices."""

import json
from collections.abc import Callable, Iterator

import pytest
from signalengine_aws.application.track_signals import Report, TrackSignals
from signalengine_aws.stores import outbox
from signalengine_aws.stores.closings import DynamoClosings

from infra.local.chaos.model.bench import Bench
from infra.local.chaos.model.schedules.schedule import Connect, Feed, Minute, Run, Schedule
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


def no_sweep(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(TrackSignals, "sweep", lambda self, feed: Report())


def no_second_try(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(outbox, "WAITED_MS", 1_200_000)


@pytest.mark.parametrize(
    ("taken_away", "steps", "noticed"),
    [
        (no_sweep, (Minute(away="track_signals"),) * 8, "is not settled within"),
        (no_second_try, (Minute(forgets=True),) * 10, "is not published within"),
    ],
)
def test_a_minute_by_the_clock_bounds_times(
    bench: Bench,
    monkeypatch: pytest.MonkeyPatch,
    taken_away: Callable[[pytest.MonkeyPatch], None],
    steps: tuple[Minute, ...],
    noticed: str,
) -> None:
    """What heals late is noticed while the schedule runs, although a later minute would heal it."""
    schedule = Schedule(0, steps, "by hand")
    assert bench.run(schedule).violations == ()
    taken_away(monkeypatch)
    found = bench.run(schedule).violations
    assert any(words.startswith("times: ") and noticed in words for words in found)


def test_times_are_measured_by_the_clock(bench: Bench) -> None:
    """Undisturbed, all of it happens in the minute of the bar, 200 ms after its close."""
    verdict = bench.run(Schedule(0, (Minute(),) * 8, "by hand"))
    assert set(verdict.settled_ms) == {200}
    assert set(verdict.published_ms) == {0}
    assert bench.run(Schedule(0, (Feed(6),), "by hand")).settled_ms == ()


def test_a_signal_that_is_never_closed_is_noticed(bench: Bench, forgetful: None) -> None:
    found = bench.run(Schedule(0, ())).violations
    assert any("was not settled by the sweep" in words for words in found)
    assert any("is missing" in words or "differs" in words for words in found)
