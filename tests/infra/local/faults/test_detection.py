"""Detection: the first sign after a fault, in event time."""

from signalengine.facts.stream import GapFact

from infra.local.faults.detection import detect
from infra.local.faults.evaluation import Verdict
from infra.local.faults.observations import Arrived, LogLine
from tests.infra.local.faults.samples import BASELINE, MINUTE, START, seen, silence


def test_the_first_sign_after_the_fault_counts_in_the_exchanges_seconds() -> None:
    replay = seen(BASELINE)
    replay.struck = START + MINUTE
    replay.clocks.note(1_000.0, START)
    replay.clocks.note(1_010.0, START + 2 * MINUTE)
    replay.log_lines = [
        LogLine(1_001.0, "WARNING", "before", {}), LogLine(1_006.0, "INFO", "calm", {}),
        LogLine(1_007.5, "WARNING", "disconnected", {}),
    ]  # fmt: skip
    verdict = Verdict("x", "x", 4)
    detect(verdict, replay, {"calm"})
    assert (verdict.noticed_s, verdict.noticed_by) == (30.0, "log: disconnected")
    entry = GapFact(
        time=START, market="live", task="t", symbol=None, stream="kline", cause="silent",
        start=START, end=None, noticed_at=replay.struck + 12_000, repaired_at=None,
        bars_missing=0, bars_repaired=0, outcome="open",
    )  # fmt: skip
    replay.arrived.append(Arrived(entry, START))
    detect(verdict, replay, {"calm"})
    assert (verdict.noticed_s, verdict.noticed_by) == (12.0, "ledger: kline silent")


def test_liquidations_that_a_recording_never_had_are_no_sign() -> None:
    replay = seen([*BASELINE, silence(START, START + 2 * MINUTE)])
    replay.struck = START + MINUTE
    verdict = Verdict("x", "x", 4)
    detect(verdict, replay, set())
    assert verdict.noticed_s is None
