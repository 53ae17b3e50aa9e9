"""Short replays for the tests of the bench."""

from collections.abc import Sequence

from signalengine.facts.stream import Bar, BarsFact, Fact, GapFact
from signalengine.policy import default_policy

from infra.local.faults.observations import Arrived, Clocks, Observations

START = 1_747_612_800_000  # where the walks begin, too


MINUTE = 60_000


POLICY = default_policy()


def bar(n: int) -> Bar:
    return Bar("1m", START + n * MINUTE, 100.0, 101.0 + n, 99.0, 100.5, 10.0, 1_000.0, 5, 4.0)


def fact(n: int) -> BarsFact:
    return BarsFact("BTCUSDT", (bar(n),), "recording", "ws", START + (n + 1) * MINUTE,
                    mark_price=100.0 + n)  # fmt: skip


def seen(facts: Sequence[Fact], minutes: int = 4) -> Observations:
    """A replay of bars without longer ones among them, all arrived 100 ms after their close."""
    out = Observations(START, START + minutes * MINUTE, ["BTCUSDT"], Clocks(START))
    out.truth = {("BTCUSDT", "1m", bar(n).open_time): bar(n) for n in range(minutes)}
    out.arrived = [
        Arrived(one, one.close_time + 100 if isinstance(one, BarsFact) else START) for one in facts
    ]
    return out


BASELINE = [fact(n) for n in range(4)]


def silence(start: int, noticed_at: int) -> GapFact:
    return GapFact(
        time=noticed_at, market="live", task="t", symbol=None, stream="liquidation",
        cause="silent", start=start, end=None, noticed_at=noticed_at, repaired_at=None,
        bars_missing=0, bars_repaired=0, outcome="open",
    )  # fmt: skip
