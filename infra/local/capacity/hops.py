"""How long each hop takes on AWS, from a bar's close to a client; nothing here was run there.

Times are ms. A hop is a set of quantiles; the whole is the sum of independent hops, by simulation
with a fixed seed. Warm functions and a healthy feed are assumed except where a hop says otherwise.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Way: TypeAlias = Literal["both", "websocket", "telegram"]
SAMPLES: Final = 20_000
OBJECTIVES_MS: Final = {20: 5_000, 500: 10_000}
"""The 95th percentile from a bar's close to publication at a client, by number of symbols."""

LATENCIES: Final = (
    "[measured by others](https://bitesizedserverless.com/bite/serverless-messaging-latency-compared/)"
    ": eu-west-1, 2022"
)
MEASURED: Final = "measured here, scaled to its share of a processor"
ASSUMED: Final = "assumed"


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution by its quantiles, straight between them: (share, ms), from 0 to 1."""

    points: tuple[tuple[float, float], ...]

    def at(self, share: float) -> float:
        """Return a quantile in ms."""
        shares = [one for one, _ in self.points]
        place = min(max(1, bisect_right(shares, share)), len(shares) - 1)
        (low, begin), (high, end) = self.points[place - 1], self.points[place]
        return begin + (end - begin) * (share - low) / (high - low)

    def plus(self, other: float) -> "Spread":
        """Return the same, later by a constant."""
        return Spread(tuple((share, ms + other) for share, ms in self.points))


def between(least: float, most: float) -> Spread:
    """Return an even distribution."""
    return Spread(((0.0, least), (1.0, most)))


def of(p10: float, p50: float, p90: float, p99: float) -> Spread:
    """Return a distribution from four of its quantiles; its ends are as far as the next ones."""
    return Spread(
        ((0.0, max(0.0, 2 * p10 - p50)), (0.1, p10), (0.5, p50), (0.9, p90), (0.99, p99),
         (1.0, 2 * p99 - p90))
    )  # fmt: skip


KINESIS: Final = of(267, 627, 965, 1_580)
TABLE_STREAM: Final = of(118, 213, 341, 552)
SNS: Final = of(62, 73, 125, 225)
SQS: Final = of(13.7, 16.2, 33.8, 105)
"""From a message's send until the function it starts runs, measured in eu-west-1 in 2022."""

CALL_MS: Final = 6.0
"""A call of DynamoDB from a function in its region (assumed)."""
TRANSACTION_MS: Final = 12.0
CLOSE_CPU_MS: Final = 0.051
"""CPU of the ingest task for a closing kline and its record: 0.037 and 0.014, measured."""
TASK_VCPU: Final = 0.25
VCPU_1024: Final = 1_024 / 1_769
VCPU_512: Final = 512 / 1_769
FOLD_CPU_MS: Final = {"usual": 69 / 500, "wild": 150 / 500}
"""CPU of compute_features a symbol until a minute's evaluations are stored (docs/speed.md)."""
SCORE_CPU_MS: Final = 0.8
"""CPU of score_events an evaluation (docs/speed.md)."""
EVALUATED: Final = {"usual": 0.068, "wild": 0.3}
"""Evaluations a symbol and minute."""
FUNCTION_CPU_MS: Final = 3.0
"""CPU of a small function's invocation (docs/cost.md: 8 to 12 ms of its own time)."""
COLD_MS: Final = (800.0, 1_600.0)
"""Start of a function that has not run for some minutes (assumed; imports take most of it)."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One part of the way."""

    name: str
    spread: Spread
    source: str
    way: Way = "both"


def hops(symbols: int, minute: str = "usual") -> tuple[Hop, ...]:
    """Return the hops of a signal in a market of so many symbols, in a usual or a wild minute."""
    closes = symbols * CLOSE_CPU_MS / TASK_VCPU
    fold = symbols * FOLD_CPU_MS[minute] / VCPU_1024
    evaluation = CALL_MS + TRANSACTION_MS + SCORE_CPU_MS / VCPU_512
    before = symbols * EVALUATED[minute] * evaluation
    small = FUNCTION_CPU_MS / VCPU_512
    return (
        Hop("bar closed → its frame received", between(20, 290),
            "Binance sends a kline every 250 ms; 20 to 40 ms of network assumed"),
        Hop("frame → record encoded", between(0, closes), MEASURED),
        Hop("record → accepted by Kinesis", of(8, 15, 35, 80), ASSUMED),
        Hop("Kinesis → compute_features runs", KINESIS, LATENCIES),
        Hop("facts folded, entry and evaluation stored", between(0, fold).plus(2 * CALL_MS),
            f"CPU {MEASURED}; two calls of {CALL_MS:.0f} ms assumed"),
        Hop("stream of `events` → score_events runs", TABLE_STREAM, LATENCIES),
        Hop("evaluations before it, its own scored and stored",
            between(0, before).plus(evaluation),
            f"CPU {MEASURED}; a read of {CALL_MS:.0f} and a transaction of "
            f"{TRANSACTION_MS:.0f} ms assumed"),
        Hop("stream of `signals` → publish_signals runs", TABLE_STREAM, LATENCIES),
        Hop("outbox read, published", of(12, 20, 40, 90).plus(small),
            f"CPU {MEASURED}; calls assumed"),
        Hop("SNS → broadcast runs", SNS, LATENCIES, "websocket"),
        Hop("clients read, message posted", of(30, 45, 80, 150).plus(small),
            f"CPU {MEASURED}; four queries and a post assumed", "websocket"),
        Hop("SNS → SQS → send_telegram runs", _both(SNS, SQS),
            f"{LATENCIES}; SNS to a function stands for SNS to a queue", "telegram"),
        Hop("send_telegram starts", between(*COLD_MS) if symbols < WARM_SYMBOLS else between(0, 1),
            "few signals: a cold start each time, assumed" if symbols < WARM_SYMBOLS
            else "signals keep it warm", "telegram"),
        Hop("delivery planned, accepted by Telegram", of(120, 200, 400, 900).plus(3 * CALL_MS),
            "Telegram's answer assumed (250 ms in our simulations)", "telegram"),
    )  # fmt: skip


WARM_SYMBOLS: Final = 200
"""From so many symbols on there is a message every few minutes, and the function stays warm."""


def _both(first: Spread, second: Spread) -> Spread:
    shares = sorted({share for one in (first, second) for share, _ in one.points})
    return Spread(tuple((share, first.at(share) + second.at(share)) for share in shares))


def whole(parts: Sequence[Hop], way: Way, seed: int = 7) -> tuple[float, float]:
    """Return the 50th and 95th percentile (ms) of a way's sum, by simulation."""
    chance = random.Random(seed)  # repeatable, not secret
    spreads = [one.spread for one in parts if one.way in ("both", way)]
    sums = sorted(sum(one.at(chance.random()) for one in spreads) for _ in range(SAMPLES))
    return sums[SAMPLES // 2], sums[SAMPLES * 95 // 100]
