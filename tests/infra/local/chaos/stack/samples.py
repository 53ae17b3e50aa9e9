"""Evidence of a small run, in which everything came as it should."""

from signalengine.facts.stream import Quality
from signalengine.signals import Outcome, Settlement, Signal
from signalengine.stats.performance import SUMS, Performance, add

from infra.local.chaos.stack.evidence import Evidence, Handed, Sent
from infra.local.chaos.stack.reckoning import Expected
from infra.local.replay.listener import Received
from infra.local.replay.report import ReplaySnapshot

MINUTE = 60_000
END = Settlement(
    Outcome.TP_HIT, 5 * MINUTE, 102.0, 2_000_000, 120_000, 0, 1_880_000, "bar",
    ambiguous=False, bars_held=4, mfe=0, mae=0, next_open=100.0,
)  # fmt: skip


def signal(name: str, *, closed: bool) -> Signal:
    return Signal(
        name, "BTCUSDT", "long", 0.6, MINUTE, 100.0, 102.0, 99.0, 1.0, "15m", 61 * MINUTE,
        {"trend": 1.0}, (), (), Quality(), "recording", "digest", "1", 5.0, 1.0,
        END if closed else None,
    )  # fmt: skip


CLOSED, OPEN = signal("a", closed=True), signal("b", closed=False)
EXPECTED = Expected(decisions=0, signals=(CLOSED, OPEN), differences=())


def evidence() -> Evidence:
    """Two signals of which one is closed: three events, each published and delivered once."""
    row = add(Performance.empty(), END, CLOSED.direction)
    statistics = {name: getattr(row, name) for name in (*SUMS, "version")}
    received = [
        Received("a#opened", "signal", 1_500.0, {}),
        Received("a#closed", "signal_closed", 1_600.0, {}),
        Received("b#opened", "signal", 1_700.0, {}),
    ]
    return Evidence(
        seen=ReplaySnapshot(
            bars_sent={"BTCUSDT": 10}, bars_stored={"BTCUSDT": 10}, sent_counts={},
            sent_at={("BTCUSDT", MINUTE): 1_000.0}, events=0, decisions=(), signals=(CLOSED, OPEN),
            deliveries=(), telegram_at={}, received=(), overdue=0, dead_letters=0, wall_s=1.0,
        ),
        facts={},
        unreadable=0,
        bars_missing=(),
        bars_wrong=(),
        published={"a#opened": 1, "a#closed": 1, "b#opened": 1},
        handed=(
            Handed("a#opened", "delivered", 1, 1, 0),
            Handed("a#closed", "delivered", 2, 1, 0),
            Handed("b#opened", "delivered", 3, 1, 0),
        ),
        digests=(),
        sent=(Sent(1, "a", None, 1_900.0), Sent(2, "a", 1, 2_000.0), Sent(3, "b", None, 4_000.0)),
        received=(received, received),
        statistics={("digest:recording", "BTCUSDT"): statistics},
        waiting=0,
        letters=(),
        denied=(),
    )  # fmt: skip
