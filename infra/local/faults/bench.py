"""All scenarios of a plan, several at a time, each compared with the undisturbed replay.

The undisturbed replay is made once, at full speed, for as many minutes as the longest scenario: the
task's facts do not depend on the speed, and every scenario begins with the same minute.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from signalengine.policy import Policy, default_policy

from infra.errors import CommandError
from infra.local.faults.detection import detect
from infra.local.faults.evaluation import Verdict, evaluate
from infra.local.faults.observations import Observations
from infra.local.faults.run import Span, play
from infra.local.faults.scenarios import SCENARIOS, Plan, Scenario

UNDISTURBED: Final = Scenario("undisturbed", "the replay that all are compared with")
STARTING: Final = 2
"""Scenarios that may start at a time: each uses a whole core until its task has warmed up."""
OnProgress = Callable[[str, float], None]
"""Called with a scenario's name and the share of it that is done, 0..1."""


class Bench:
    """One run of the bench."""

    def __init__(self, plan: Plan, folder: Path, start: int | None, minutes: int | None) -> None:
        """`start` ms and `minutes`: the requested span, None for the source's own."""
        self.plan, self._folder = plan, folder
        self._start, self._minutes = start, minutes
        self.baseline: Observations | None = None
        self.policy: Policy = default_policy()
        self.wall_s = 0.0
        self._starting = threading.Semaphore(STARTING)

    def undisturbed(self, on_progress: OnProgress) -> Observations:
        """Make the replay that all scenarios are compared with."""
        longest = max(one.length_min(self.plan.speed) for one in self.plan.scenarios())
        minutes = longest if self._minutes is None else min(longest, self._minutes)
        span = Span(self._start, minutes, "max")
        began = time.monotonic()
        baseline = play(self.plan, UNDISTURBED, span, self._folder / "undisturbed",
                    lambda share: on_progress("undisturbed", share), self._starting)  # fmt: skip
        self._check(baseline)
        self.baseline = baseline
        self.wall_s += time.monotonic() - began
        return baseline

    def verdicts(self, on_progress: OnProgress) -> Iterator[Verdict]:
        """Run every scenario, and yield its verdict when it ends.

        Those at full speed run first, by themselves, because they use all CPUs.
        """
        baseline = self.baseline or self.undisturbed(on_progress)
        baseline_events = {line.event for line in baseline.log_lines}
        began = time.monotonic()
        for full_speed in (True, False):
            group = [one for one in self.plan.scenarios() if one.full_speed == full_speed]
            for scenario, future in self._finished(group, baseline.start, on_progress):
                yield self._verdict(scenario, future, baseline, baseline_events)
        self.wall_s += time.monotonic() - began

    def _finished(
        self, scenarios: Sequence[Scenario], start: int, on_progress: OnProgress
    ) -> Iterator[tuple[Scenario, "Future[Observations]"]]:
        """Run scenarios, several at a time, and yield each when it ends."""
        with ThreadPoolExecutor(self.plan.at_once, "scenario") as pool:
            running: dict[Future[Observations], Scenario] = {
                pool.submit(self._play, scenario, start, on_progress): scenario
                for scenario in scenarios
            }
            while running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield running.pop(future), future

    def _play(self, scenario: Scenario, start: int, on_progress: OnProgress) -> Observations:
        minutes = self._length(scenario)
        speed = "max" if scenario.full_speed else f"{self.plan.speed:g}"
        return play(self.plan, scenario, Span(start, minutes, speed), self._folder / scenario.name,
                    lambda share: on_progress(scenario.name, share), self._starting)  # fmt: skip

    def _length(self, scenario: Scenario) -> int:
        minutes = scenario.length_min(self.plan.speed)
        return minutes if self._minutes is None else min(minutes, self._minutes)

    def _verdict(
        self,
        scenario: Scenario,
        future: "Future[Observations]",
        baseline: Observations,
        baseline_events: set[str],
    ) -> Verdict:
        verdict = Verdict(scenario.name, scenario.words, self._length(scenario))
        try:
            seen = future.result()
        except CommandError as error:
            verdict.problem = str(error)
            return verdict
        if scenario.fatal:
            log = " ".join(str(line.fields) for line in seen.log_lines)
            if seen.exit_code != MISCONFIGURED or scenario.fatal not in log:
                verdict.problem = f"ended with {seen.exit_code}, not {MISCONFIGURED} and a reason"
            return verdict
        detect(verdict, seen, baseline_events)
        verdict.full_speed = scenario.full_speed
        evaluate(verdict, seen, baseline, self.policy, scenario.excused)
        if scenario.stream or scenario.faults or scenario.ending:
            if seen.struck is None:
                verdict.problem = "the fault had no effect: the span is too short for it"
            elif verdict.noticed_s is None and not scenario.quiet:
                verdict.problem = "never detected"
        return verdict

    def _check(self, baseline: Observations) -> None:
        """Raise CommandError if the undisturbed replay lost bars itself."""
        bars = baseline.bars()
        due = [(s, at) for s, i, at in baseline.truth if i == "1m" and at >= baseline.start]
        lost = [key for key in due if key not in bars]
        if lost:
            raise CommandError(
                f"the undisturbed replay itself lost {len(lost)} of {len(due)} bars; "
                f"see {self._folder / 'undisturbed'}"
            )


MISCONFIGURED: Final = 78


def report(bench: Bench, verdicts: list[Verdict]) -> dict[str, Any]:
    """Return the bench's results, ready for JSON."""
    baseline, plan = bench.baseline, bench.plan
    order = list(SCENARIOS)
    rows = sorted(verdicts, key=lambda verdict: order.index(verdict.name))
    return {
        "source": plan.source, "seed": plan.seed, "speed": plan.speed, "jobs": plan.at_once,
        "symbols": list(baseline.symbols) if baseline else [],
        "start": baseline.start if baseline else None, "end": baseline.end if baseline else None,
        "policy": bench.policy.digest, "wall_s": round(bench.wall_s, 1),
        "passed": all(row.passed for row in rows),
        "rows": [{**asdict(row), "passed": row.passed} for row in rows],
    }  # fmt: skip
