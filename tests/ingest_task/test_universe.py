"""Which symbols are followed: chosen, and kept up with."""

import queue
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from signalengine.exchanges.binance.contracts import ContractInfo, Universe, largest
from signalengine_aws.runtime.config import ConfigError

from ingest_task import universe as universe_module
from ingest_task.backfill.rest import Rest, WeightBudget
from ingest_task.universe import Selection, UniverseWatch, choose
from tests.ingest_task.small_exchange import SmallExchange, small_exchange

KNOWN = Universe(
    frozenset({"AUSDT", "BUSDT", "CUSDT"}), {"HALTUSDT": "its status", "TSLAUSDT": "its type"},
    frozenset({"HALTUSDT"}),
)  # fmt: skip
VOLUMES = {"AUSDT": 1.0, "CUSDT": 9.0, "TSLAUSDT": 99.0}


def test_a_ranking_is_by_volume_of_what_may_be_followed() -> None:
    assert choose(Selection(top=2), KNOWN, VOLUMES) == ("CUSDT", "AUSDT")
    assert choose(Selection(top=9), KNOWN, VOLUMES) == ("CUSDT", "AUSDT", "BUSDT")
    assert choose(Selection(), KNOWN, VOLUMES) == ("CUSDT", "AUSDT", "BUSDT")
    assert largest(KNOWN, {}, 2) == ("AUSDT", "BUSDT"), "of equal volume the alphabet decides"


def test_a_list_is_followed_as_given_without_what_does_not_trade() -> None:
    assert choose(Selection(("BUSDT", "HALTUSDT", "AUSDT")), KNOWN, {}) == ("BUSDT", "AUSDT")
    with pytest.raises(ConfigError, match="NOUSDT"):
        choose(Selection(("AUSDT", "NOUSDT")), KNOWN, {})
    with pytest.raises(ConfigError, match="none of them"):
        choose(Selection(("HALTUSDT",)), KNOWN, {})


class Notes:
    """Follows what it is told to, and writes it down."""

    def __init__(self, *symbols: str) -> None:
        self.symbols = list(symbols)
        self.told: queue.SimpleQueue[tuple[str, ...]] = queue.SimpleQueue()

    def followed(self) -> tuple[str, ...]:
        return tuple(self.symbols)

    def follow(self, symbol: str) -> None:
        self.symbols.append(symbol)
        self.told.put(("follow", symbol))

    def halt(self, symbol: str, status: str) -> None:
        self.told.put(("halt", symbol))

    def resume(self, symbol: str) -> None:
        self.told.put(("resume", symbol))

    def drop(self, symbol: str, status: str) -> None:
        self.symbols.remove(symbol)
        self.told.put(("drop", symbol))

    def fund(self, hours: Mapping[str, int]) -> None:
        self.hours = hours

    def next(self) -> tuple[str, ...]:
        return self.told.get(timeout=5)


class Bench:
    def __init__(self, exchange: SmallExchange) -> None:
        self.exchange, self.stop = exchange, threading.Event()

    def watch(self, notes: Notes, selection: Selection) -> UniverseWatch:
        rest = Rest(self.exchange.rest_base, self.stop, WeightBudget())
        watch = UniverseWatch(rest, selection, notes, self.stop)
        watch.start()
        return watch


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(universe_module, "_LOOK_S", 0.02)
    monkeypatch.setattr(universe_module, "LISTING_S", 0.0)
    with small_exchange() as exchange:
        bench = Bench(exchange)
        yield bench
        bench.stop.set()


def info(symbol: str, status: str) -> ContractInfo:
    return ContractInfo(symbol, 1, "PERPETUAL", status)


def test_a_listing_is_followed_when_all_are_and_it_is_one_for_us(bench: Bench) -> None:
    notes = Notes("BTCUSDT", "ETHUSDT")
    watch = bench.watch(notes, Selection())
    bench.exchange.statuses |= {"NEWUSDT": "TRADING"}
    watch.tell(info("NEWUSDT", "TRADING"))
    assert [notes.next() for _ in range(3)] == [
        ("resume", "BTCUSDT"), ("resume", "ETHUSDT"), ("follow", "NEWUSDT"),
    ]  # fmt: skip


def test_a_listing_is_nothing_to_a_list_it_is_not_on(bench: Bench) -> None:
    notes = Notes("BTCUSDT")
    watch = bench.watch(notes, Selection(("BTCUSDT",)))
    bench.exchange.statuses |= {"NEWUSDT": "TRADING"}
    watch.tell(info("NEWUSDT", "TRADING"))
    assert notes.next() == ("resume", "BTCUSDT")
    watch.tell(info("BTCUSDT", "SETTLING"))
    assert notes.next() == ("halt", "BTCUSDT")


def test_news_of_every_contract_at_once_are_a_question_a_second_at_most(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(universe_module, "LISTING_S", 1.0)
    notes = Notes("BTCUSDT")
    watch = bench.watch(notes, Selection(("BTCUSDT",)))
    for n in range(200):
        watch.tell(info(f"S{n}USDT", "TRADING"))
    assert notes.next() == ("resume", "BTCUSDT")
    assert len(bench.exchange.asked("/fapi/v1/exchangeInfo")) < 10, "a second each, at least"


def test_a_halt_ends_with_trading_and_a_delisting_is_final(bench: Bench) -> None:
    notes = Notes("BTCUSDT", "ETHUSDT")
    watch = bench.watch(notes, Selection(("BTCUSDT", "ETHUSDT")))
    for status in ("SETTLING", "TRADING", "CLOSE"):
        bench.exchange.statuses["ETHUSDT"] = status
        watch.tell(info("ETHUSDT", status))
    found = [notes.next() for _ in range(4)]
    assert found == [
        ("halt", "ETHUSDT"), ("resume", "ETHUSDT"), ("drop", "ETHUSDT"), ("resume", "BTCUSDT"),
    ]  # fmt: skip
    assert notes.symbols == ["BTCUSDT"]


def test_the_place_of_what_was_delisted_is_taken_by_the_next_in_the_ranking(bench: Bench) -> None:
    notes = Notes("BTCUSDT", "ETHUSDT")
    bench.exchange.statuses |= {"AUSDT": "TRADING", "BUSDT": "TRADING"}
    bench.exchange.volumes = {"BUSDT": 5.0, "AUSDT": 3.0}
    watch = bench.watch(notes, Selection(top=2))
    del bench.exchange.statuses["ETHUSDT"]
    watch.tell(info("ETHUSDT", "CLOSE"))
    assert [notes.next() for _ in range(3)] == [
        ("drop", "ETHUSDT"), ("resume", "BTCUSDT"), ("follow", "BUSDT"),
    ]  # fmt: skip


@pytest.mark.parametrize("answer", [(503, {}, ""), (200, {}, "[]"), (200, {}, "<html>")])
def test_an_exchange_that_does_not_say_is_asked_again(
    bench: Bench, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(universe_module, "SUSPECT_S", 0.0)
    monkeypatch.setattr("ingest_task.backfill.rest.FIRST_WAIT_S", 0.001)
    notes = Notes("BTCUSDT")
    watch = bench.watch(notes, Selection(("BTCUSDT",)))
    bench.exchange.answers["/fapi/v1/exchangeInfo"] = [answer] * 4
    bench.exchange.statuses["BTCUSDT"] = "SETTLING"
    for _ in range(6):
        watch.suspect()
    assert notes.next() == ("halt", "BTCUSDT")
    assert watch.alive
