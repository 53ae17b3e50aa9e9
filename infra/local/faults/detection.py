"""When the task detected a fault: the first sign in its ledger, its log or its heartbeats."""

from collections.abc import Mapping
from typing import Final

from signalengine.facts.stream import HeartbeatFact

from infra.local.faults.evaluation import Verdict
from infra.local.faults.observations import Observations


def detect(verdict: Verdict, seen: Observations, baseline_events: set[str]) -> None:
    """Set the first sign of the fault in the task's ledger, log or heartbeats.

    `baseline_events` are the events in its log without any fault.
    """
    if seen.struck is None:
        return
    normal_causes = ("started", "followed")
    irrelevant = _irrelevant_streams(seen)
    ledger = [gap for gap in seen.ledger() if gap.stream not in irrelevant and
              not gap.cause.startswith(irrelevant)]  # fmt: skip
    signs = [
        (gap.noticed_at, f"ledger: {gap.stream} {gap.cause}")
        for gap in ledger
        if gap.cause not in normal_causes or gap.noticed_at > seen.start + 60_000
    ]
    signs += [
        (seen.clocks.at(line.wall), f"log: {line.event}")
        for line in seen.log_lines
        if line.event not in baseline_events | {"status"} and "open_interest" not in line.event
    ]
    signs += _heartbeat_signs(seen, irrelevant)
    after = [sign for sign in signs if sign[0] >= seen.struck - 1_000]
    if after:
        at, verdict.noticed_by = min(after)
        verdict.noticed_s = max(0, at - seen.struck) / 1_000


def _irrelevant_streams(seen: Observations) -> tuple[str, ...]:
    """Return the streams that the recording lacks; their silence is no sign."""
    ages = [one.fact.stream_ages_ms for one in seen.of(HeartbeatFact)]
    received = any(age.get("liquidation") is not None for age in ages)
    return ("open_interest",) if received else ("open_interest", "liquidation")


def _heartbeat_signs(seen: Observations, irrelevant: tuple[str, ...]) -> list[tuple[int, str]]:
    """Return the heartbeats that report silence, loss, malformed frames or a halt, by arrival.

    Their own time is the market's clock, which stops while no data arrives.
    """
    out = []
    before: Mapping[str, int] = {}
    for one in seen.of(HeartbeatFact):
        beat = one.fact
        counts = {"reconnects": beat.reconnects, "gaps": beat.gaps, **beat.counts}
        grown = [name for name in counts if before and counts[name] > before.get(name, 0)]
        silent = [*(name for name in beat.silent if name not in irrelevant), *beat.halted]
        if silent or beat.silent_symbols:
            out.append((one.now, f"heartbeat: silent {', '.join(silent)}"))
        out += [(one.now, f"heartbeat: {name}") for name in grown if name in _TROUBLES]
        before = counts
    return out


_TROUBLES: Final = frozenset(
    {"reconnects", "gaps", "malformed", "differing", "repaired", "lost", "retried", "spooled"}
)
