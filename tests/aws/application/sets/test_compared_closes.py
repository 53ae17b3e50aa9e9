"""Closes of several symbols: waited for once, and whoever does not come is named."""

from dataclasses import dataclass, field, replace

from signalengine.signals import Evaluation
from signalengine.strategy.sets import StrategySet, set_of
from signalengine_aws.application.sets.compared_closes import (
    LOOK_S,
    MARKET_WAIT_MS,
    MARKET_WAIT_S,
    ComparedCloses,
)

from tests.core.samples import evaluation
from tests.core.strategy.texts import load_ranked

ONE = set_of(load_ranked())
CLOSE = evaluation().close_time
SYMBOLS = ("AUSDT", "BTCUSDT", "CUSDT")


def close_of(symbol: str, worth: float = 1.0, one: StrategySet = ONE) -> Evaluation:
    values = {"close": 100.0, "worth": worth, "size": 1.0}
    made = replace(evaluation(symbol=symbol), values=values, events=())
    return replace(made, strategy=one.key, digest=one.digest)


@dataclass
class Case:
    """Stored closes, of which one more is there after each pause."""

    stored: list[Evaluation]
    coming: list[Evaluation] = field(default_factory=list)
    symbols: tuple[str, ...] = SYMBOLS
    folded: int = CLOSE
    now: float = 0.0
    reads: int = 0
    beats: int = 0
    one: StrategySet = ONE

    def __post_init__(self) -> None:
        self.use_case = ComparedCloses(
            self.one, self, self, sleep=self.sleep, clock=lambda: self.now
        )

    def of_close(self, time: int) -> list[Evaluation]:
        self.reads += 1
        return [each for each in self.stored if each.close_time == time]

    def trading(self) -> frozenset[str]:
        self.beats += 1
        return frozenset(self.symbols)

    def progress(self) -> int:
        return self.folded

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.stored += self.coming[:1]
        del self.coming[:1]


def test_a_close_that_all_symbols_have_is_read_once_for_all_of_them() -> None:
    case = Case([close_of(name, float(k)) for k, name in enumerate(SYMBOLS)])
    found = [case.use_case.compared(each) for each in case.stored]
    assert [each.across["rank"] for each in found] == [0.0, 0.5, 1.0]
    assert [each.across["lead"] for each in found] == [1.0] * 3
    assert [[e.direction for e in each.events] for each in found] == [["short"], [], ["long"]]
    assert {each.absent for each in found} == {()}
    assert (case.reads, case.beats, case.now) == (1, 1, 0.0)
    case.use_case.compared(replace(close_of("AUSDT"), close_time=CLOSE + 300_000))
    assert case.reads > 1


def test_symbols_that_are_still_folded_are_waited_for() -> None:
    first, *others = (close_of(name, float(k)) for k, name in enumerate(SYMBOLS))
    case = Case([first], others)
    assert case.use_case.compared(first).across["rank"] == 0.0
    assert (case.reads, case.now) == (3, 2 * LOOK_S)


def test_a_symbol_that_does_not_come_is_named_after_the_wait_and_waited_for_once() -> None:
    first, second = close_of("AUSDT", 1.0), close_of("BTCUSDT", 2.0)
    case = Case([first, second])
    assert case.use_case.compared(first).absent == ("CUSDT",)
    assert case.now == MARKET_WAIT_S
    found = case.use_case.compared(second)
    assert (found.absent, found.across["rank"]) == (("CUSDT",), 1.0)
    assert case.now == MARKET_WAIT_S
    late = close_of("CUSDT", 3.0)
    case.stored.append(late)
    found = case.use_case.compared(late)
    assert (found.absent, found.across["rank"]) == ((), 1.0)
    assert case.now == MARKET_WAIT_S


def test_nobody_is_waited_for_once_the_fold_is_far_past_the_close() -> None:
    first = close_of("AUSDT")
    case = Case([first], folded=CLOSE + MARKET_WAIT_MS)
    assert case.use_case.compared(first).absent == ("BTCUSDT", "CUSDT")
    assert (case.reads, case.now) == (1, 0.0)


def test_an_index_that_lacks_the_close_itself_is_no_reason_to_wait() -> None:
    case = Case([close_of("BTCUSDT", 2.0), close_of("CUSDT", 3.0)])
    found = case.use_case.compared(close_of("AUSDT", 1.0))
    assert (found.absent, found.across["rank"]) == ((), 0.0)
    assert case.now == 0.0


def test_closes_of_other_parameters_count_as_absent() -> None:
    other = replace(close_of("BTCUSDT"), digest="0" * 12)
    case = Case([close_of("AUSDT"), other, close_of("CUSDT")])
    assert case.use_case.compared(close_of("AUSDT")).absent == ("BTCUSDT",)


def test_symbols_that_the_set_does_not_read_are_not_waited_for() -> None:
    one = set_of(load_ranked(", universe=Universe(('AUSDT',))"))
    stored = [close_of("AUSDT", 1.0, one), close_of("BTCUSDT", 2.0, one)]
    case = Case(stored, one=one)
    assert case.use_case.compared(stored[0]).absent == ()
    assert case.now == 0.0
