"""Kills of the whole local system: where they are, and that each is followed by a start."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from infra.local.chaos.stack import restarts as restarting
from infra.local.chaos.stack.restarts import IN_A_ROW, Kill, Restarter, restarts, unfinished
from infra.local.stack.system import LocalSystem

MINUTE = 60_000


@dataclass
class Parts:
    """A system whose market is past every kill."""

    log: list[str] = field(default_factory=list)
    fails: bool = False
    process_group = 0

    @property
    def aws(self) -> "Parts":
        return self

    def exchange_get(self, _path: str) -> Any:
        return {"now": 100 * MINUTE, "state": "playing"}

    def crash(self) -> None:
        self.log.append("crash")

    def recover(self) -> None:
        if self.fails:
            raise ValueError("it does not start")
        self.log.append("recover")


def test_a_seed_gives_the_same_kills_and_three_of_them_in_a_row() -> None:
    plan = restarts(1, 0, 1_440 * MINUTE, 20)
    assert plan == restarts(1, 0, 1_440 * MINUTE, 20)
    assert plan != restarts(2, 0, 1_440 * MINUTE, 20)
    assert sum(1 + len(kill.again) for kill in plan) == 20
    assert [len(kill.again) for kill in plan if kill.again] == [IN_A_ROW - 1]
    assert [kill.at for kill in plan] == sorted(kill.at for kill in plan)
    assert plan[-1].at < 1_437 * MINUTE


def followed(parts: Parts, *plan: Kill) -> Restarter:
    restarter = Restarter(cast("LocalSystem", parts), plan)
    restarter._run()
    return restarter


def test_every_kill_is_followed_by_a_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restarting, "POLL_S", 0.0)
    parts = Parts()
    done = followed(parts, Kill(MINUTE, 0.0), Kill(2 * MINUTE, 0.0, (0.0, 0.0)))
    assert parts.log == ["crash", "recover", "crash", *["recover", "crash"] * 2, "recover"]
    assert [one.kills for one in done.done] == [1, 3]
    assert unfinished(done) == ""


def test_a_system_that_does_not_start_again_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restarting, "POLL_S", 0.0)
    done = followed(Parts(fails=True), Kill(MINUTE, 0.0), Kill(2 * MINUTE, 0.0))
    assert "it does not start" in unfinished(done)


def test_kills_that_did_not_happen_are_a_problem() -> None:
    restarter = Restarter(cast("LocalSystem", Parts()), [Kill(MINUTE, 0.0)])
    assert unfinished(restarter) == "1 kills did not happen"
