"""Repairs: each request gets an answer, with the bars that exist."""

import threading
from collections.abc import Iterable

from signalengine.bars.builder import BarRequest
from signalengine.facts.stream import Bar
from signalengine.intervals import MINUTE_MS
from signalengine.market_data import Funding

from ingest_task.backfill import repairs as repairs_module
from ingest_task.backfill.repairs import Repairs
from tests.ingest_task.backfill.bench import KLINES, Bench
from tests.ingest_task.samples import T0, minute_bar


class Answers:
    """Stores the answers of repairs."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.got: list[tuple[BarRequest, tuple[Bar, ...], tuple[Funding, ...]]] = []

    def __call__(
        self, request: BarRequest, bars: Iterable[Bar], fundings: Iterable[Funding]
    ) -> None:
        with self.changed:
            self.got.append((request, tuple(bars), tuple(fundings)))
            self.changed.notify_all()

    def wait(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.got) == count, 10)


def repairs(bench: Bench) -> tuple[Repairs, Answers]:
    answers, work = Answers(), Repairs(bench.rest, bench.stop)
    work.start(answers)
    return work, answers


def test_a_requested_bar_is_fetched(bench: Bench) -> None:
    bench.exchange.now = T0 + 5 * MINUTE_MS
    work, answers = repairs(bench)
    request = BarRequest("BTCUSDT", "1m", T0 + MINUTE_MS, T0 + 3 * MINUTE_MS)
    work.request(request)
    answers.wait(1)
    assert answers.got == [(request, (minute_bar("BTCUSDT", 1), minute_bar("BTCUSDT", 2)), ())]


def test_a_bar_that_does_not_exist_yet_is_requested_again(bench: Bench) -> None:
    bench.exchange.now = T0 + 5 * MINUTE_MS
    bench.exchange.answers[KLINES] = [(200, {}, "[]"), (503, {}, ""), (200, {}, "{broken")]
    work, answers = repairs(bench)
    work.request(BarRequest("BTCUSDT", "1m", T0, T0 + MINUTE_MS))
    answers.wait(1)
    assert answers.got[0][1] == (minute_bar("BTCUSDT", 0),)
    assert len(bench.exchange.queries(KLINES)) == 4


def test_a_row_of_a_minute_that_still_forms_is_not_a_bar(bench: Bench) -> None:
    bench.exchange.now = T0 + MINUTE_MS - 1
    work, answers = repairs(bench)
    work.request(BarRequest("BTCUSDT", "1m", T0 - MINUTE_MS, T0 + MINUTE_MS))
    answers.wait(1)
    assert answers.got[0][1] == (minute_bar("BTCUSDT", -1),)
    bench.exchange.now += 1
    work.request(BarRequest("BTCUSDT", "1m", T0, T0 + MINUTE_MS))
    answers.wait(2)
    assert answers.got[1][1] == (minute_bar("BTCUSDT", 0),)


def test_every_request_is_answered_with_the_bars_that_exist(bench: Bench) -> None:
    bench.exchange.now = T0 + 5 * MINUTE_MS
    bench.exchange.hidden = {("BTCUSDT", 1)}
    work, answers = repairs(bench)
    work.request(BarRequest("BTCUSDT", "1m", T0 + MINUTE_MS, T0 + 3 * MINUTE_MS))
    answers.wait(1)
    assert answers.got[0][1] == (minute_bar("BTCUSDT", 2),)
    assert len(bench.exchange.queries(KLINES)) == repairs_module.ABSENT_TRIES


def test_funding_paid_inside_a_hole_is_fetched_with_it(bench: Bench) -> None:
    bench.exchange.now = T0 + 70 * MINUTE_MS
    work, answers = repairs(bench)
    work.request(BarRequest("BTCUSDT", "1m", T0 + 58 * MINUTE_MS, T0 + 60 * MINUTE_MS))
    answers.wait(1)
    assert answers.got[0][2] == (Funding("BTCUSDT", T0 + 3_600_000, 0.0004),)
