"""The conductor: what is due is injected once, its effect and recovery are noted, all is healed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any, cast

import pytest

from infra.errors import CommandError
from infra.local.chaos.stack import conductor as conductors
from infra.local.chaos.stack.call_faults import CallFaults
from infra.local.chaos.stack.conductor import Conductor
from infra.local.chaos.stack.plan import Injection
from infra.local.chaos.stack.workers import INGEST

MINUTE = 60_000


@dataclass
class Process:
    pid: int = 7


@dataclass
class Parts:
    """A system, its clients and its pacer, as far as the conductor uses them."""

    now: int = 0
    state: str = "playing"
    engine: int = 0
    lead_ms: int = 8 * MINUTE
    waiting: list[dict[str, Any]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    ingest: Process = field(default_factory=Process)
    fails: bool = False

    @property
    def aws(self) -> "Parts":
        return self

    process_group = 1

    def exchange_get(self, _path: str) -> Any:
        return {"now": self.now, "state": self.state}

    def telegram_get(self, _path: str) -> Any:
        return {"faults": self.waiting}

    def telegram_post(self, _path: str, body: dict[str, Any]) -> None:
        self.waiting.append(dict(body))

    def telegram_delete(self, _path: str) -> None:
        self.waiting.clear()

    def kill_ingest(self) -> None:
        self.log.append("kill ingest")

    def stop_ingest(self) -> None:
        self.log.append("stop ingest")

    def restart_ingest(self) -> None:
        if self.fails:
            raise CommandError("ingest ended with code 1")
        self.log.append("start ingest")

    def drop(self) -> None:
        self.log.append("drop")


class Workers:
    """Two workers of each function; a process that calls from port 9 is the ingest task."""

    def __init__(self, _emulator: int) -> None:
        self.ingest: int | None = None
        self.killed: list[str] = []

    def kill_one(self, name: str, _random: object) -> bool:
        self.killed.append(name)
        return True

    def kill_all(self) -> int:
        return 4

    def caller(self, port: int) -> str:
        return INGEST if port == 9 else "broadcast"

    def kill_at(self, port: int) -> str:
        self.killed.append(f"at {port}")
        return "broadcast"


@dataclass
class Stage:
    parts: Parts
    faults: CallFaults
    conductor: Conductor

    def step(self, now: int, engine: int = 0) -> bool:
        self.parts.now, self.parts.engine = now, engine
        return self.conductor.step()


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Stage]:
    monkeypatch.setattr(conductors, "Workers", Workers)

    def make(*plan: Injection) -> Stage:
        parts, faults = Parts(), CallFaults()
        conductor = Conductor(cast("Any", parts), plan, faults, [cast("Any", parts)],
                              cast("Any", parts), seed=1)  # fmt: skip
        conductor.workers.ingest = parts.ingest.pid
        return Stage(parts, faults, conductor)

    return make


def test_an_injection_is_due_at_its_minute_and_once(stage: Callable[..., Stage]) -> None:
    it = stage(Injection(5 * MINUTE, "kill_worker", "broadcast"))
    for now in (4 * MINUTE, 5 * MINUTE, 6 * MINUTE):
        it.step(now)
    assert it.conductor.workers.killed == ["broadcast"]  # type: ignore[attr-defined]
    assert it.conductor.killed.counts == {"broadcast": 1}


def test_nothing_is_injected_before_the_pace_of_the_market_holds(
    stage: Callable[..., Stage],
) -> None:
    """A task that is killed then sends what it lacks as history, and nobody decides it."""
    it = stage(Injection(MINUTE, "ingest", "kill"))
    it.step(70 * MINUTE, engine=2 * MINUTE)
    assert it.parts.log == []
    it.step(70 * MINUTE, engine=62 * MINUTE)
    assert it.parts.log == ["kill ingest"]


def test_recovery_is_when_what_had_closed_is_folded(stage: Callable[..., Stage]) -> None:
    it = stage(Injection(MINUTE, "kill_worker", "broadcast"))
    it.step(MINUTE + 30_000)
    (row,) = it.conductor.done
    it.step(9 * MINUTE, engine=MINUTE - 1)
    assert row.recovered_s is None
    it.step(9 * MINUTE, engine=MINUTE)
    assert row.recovered_s is not None


def test_a_fault_of_a_call_is_injected_when_a_call_meets_it(stage: Callable[..., Stage]) -> None:
    it = stage(Injection(0, "call", "error", "sns:Publish", times=2))
    it.step(MINUTE)
    (row,) = it.conductor.done
    assert (row.met, row.at) == (0, None)
    it.faults.take("sns:Publish")
    it.step(2 * MINUTE)
    assert (row.met, row.until) == (1, 2 * MINUTE)


def test_a_killed_ingest_task_is_started_again(stage: Callable[..., Stage]) -> None:
    it = stage(Injection(0, "ingest", "kill"), Injection(MINUTE, "ingest", "terminate"))
    for now in (0, 1, MINUTE, MINUTE + 1, MINUTE + 2):
        it.step(now)
    assert it.parts.log == ["kill ingest", "start ingest", "stop ingest", "start ingest"]
    assert it.conductor.killed.counts == {INGEST: 1, "ingest, by SIGTERM": 1}


def test_an_ingest_task_that_does_not_start_is_a_problem(stage: Callable[..., Stage]) -> None:
    it = stage(Injection(0, "ingest", "kill"))
    it.parts.fails = True
    for now in (0, 1, 2):
        it.step(now)
    assert "ended with code 1" in it.conductor.problem


def test_a_kill_at_a_call_is_of_the_task_or_of_the_worker(stage: Callable[..., Stage]) -> None:
    it = stage()
    it.conductor.kill_at(9)
    it.conductor.kill_at(10)
    assert it.parts.log == ["kill ingest"]
    assert it.conductor.workers.killed == ["at 10"]  # type: ignore[attr-defined]
    assert it.conductor.killed.counts == {INGEST: 1, "broadcast": 1}


def test_a_restart_ends_all_that_keeps_nothing(stage: Callable[..., Stage]) -> None:
    it = stage(Injection(0, "restart", "all"))
    it.step(0)
    it.step(1)
    assert it.parts.log == ["kill ingest", "drop", "start ingest"]
    assert it.conductor.killed.counts == {INGEST: 1, "all workers at once": 4}


def test_faults_of_telegram_are_counted_when_they_are_used(stage: Callable[..., Stage]) -> None:
    it = stage(Injection(0, "telegram", "429", times=2), Injection(0, "telegram", "500"))
    it.step(0)
    assert [one["kind"] for one in it.parts.waiting] == ["429", "500"]
    it.parts.waiting = [{"kind": "500", "times": 1}]
    it.step(1)
    assert [one.met for one in it.conductor.done] == [2, 0]


def test_at_the_end_everything_is_healed(stage: Callable[..., Stage]) -> None:
    it = stage(
        Injection(0, "call", "error", "sns:Publish"), Injection(0, "telegram", "500"),
        Injection(9 * MINUTE, "kill_worker", "broadcast"),
    )  # fmt: skip
    it.step(MINUTE)
    it.parts.state = "ended"
    assert it.step(2 * MINUTE)
    assert it.faults.take("sns:Publish") is None
    assert it.parts.waiting == []
    assert [one.met for one in it.conductor.done] == [0, 0]
    assert it.conductor.workers.killed == []  # type: ignore[attr-defined]


def test_it_watches_until_all_has_recovered(stage: Callable[..., Stage]) -> None:
    it = stage(Injection(0, "kill_worker", "broadcast"))
    it.step(MINUTE)
    it.parts.state = "ended"
    assert not it.step(2 * MINUTE)
    assert it.step(2 * MINUTE, engine=2 * MINUTE)


def test_a_plan_that_is_not_followed_is_a_problem(
    stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    it, asked = stage(), Event()

    def answer(_path: str) -> Any:
        asked.set()
        raise KeyError("now")

    monkeypatch.setattr(conductors, "POLL_S", 0.0)
    monkeypatch.setattr(it.parts, "exchange_get", answer)
    with it.conductor:
        assert asked.wait(20)
    assert "not followed to its end: KeyError('now')" in it.conductor.problem
