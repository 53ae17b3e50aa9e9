"""Which symbols are followed: chosen at the start, and updated."""

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from signalengine.exchanges.binance.contracts import parse_contract_info
from signalengine.exchanges.binance.exchange import BINANCE
from signalengine.facts.lots import LotSize
from signalengine.market_data import ContractInfo, Universe
from signalengine_aws.runtime.config import ConfigError

from ingest_task import universe as universe_module
from ingest_task.backfill.rest import RequestRefusedError, RestClient
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


def test_a_list_is_followed_as_given_without_symbols_that_do_not_trade() -> None:
    assert choose(Selection(("BUSDT", "HALTUSDT", "AUSDT")), KNOWN, {}) == ("BUSDT", "AUSDT")
    with pytest.raises(ConfigError, match="NOUSDT"):
        choose(Selection(("AUSDT", "NOUSDT")), KNOWN, {})
    with pytest.raises(ConfigError, match="none of them"):
        choose(Selection(("HALTUSDT",)), KNOWN, {})


def test_a_name_is_the_contract_that_people_mean() -> None:
    known = Universe(frozenset({"1000PEPEUSDT", "币安人生USDT", "BTCUSDT"}), {}, frozenset())
    names = ("PEPEUSDT", "1000PEPEUSDT", "币安人生USDT")
    assert choose(Selection(names), known, {}) == ("1000PEPEUSDT", "币安人生USDT")


def test_what_cannot_be_followed_is_refused_with_the_reason() -> None:
    with pytest.raises(ConfigError) as caught:
        choose(Selection(("HALTUSDT", "TSLAUSDT")), KNOWN, {})
    assert str(caught.value) == (
        "SYMBOLS: none of them can be followed now: HALTUSDT: its status; TSLAUSDT: its type"
    )
    known = Universe(frozenset({"BTCUSDT", "ETHUSDT"}), {}, frozenset())
    with pytest.raises(ConfigError) as caught:
        choose(Selection(("BTCCUSDT", "BTCUSDT", "XYZUSDT")), known, {})
    assert str(caught.value) == (
        "SYMBOLS: the exchange has no BTCCUSDT (did you mean BTCUSDT?), XYZUSDT"
    )


class Notes:
    """Follows symbols and records the calls."""

    def __init__(self, *symbols: str) -> None:
        self.symbols = list(symbols)
        self.calls: queue.SimpleQueue[tuple[str, ...]] = queue.SimpleQueue()

    def followed(self) -> tuple[str, ...]:
        return tuple(self.symbols)

    def follow(self, symbol: str) -> None:
        self.symbols.append(symbol)
        self.calls.put(("follow", symbol))

    def halt(self, symbol: str, status: str) -> None:
        self.calls.put(("halt", symbol))

    def resume(self, symbol: str) -> None:
        self.calls.put(("resume", symbol))

    def drop(self, symbol: str, status: str) -> None:
        self.symbols.remove(symbol)
        self.calls.put(("drop", symbol))

    def set_funding_hours(self, hours: Mapping[str, int]) -> None:
        self.hours = hours

    def set_tick_sizes(self, sizes: Mapping[str, float]) -> None:
        self.tick_sizes = sizes

    def set_lot_sizes(self, sizes: Mapping[str, LotSize]) -> None:
        self.lot_sizes = sizes

    def next(self) -> tuple[str, ...]:
        return self.calls.get(timeout=5)


class Bench:
    def __init__(self, exchange: SmallExchange) -> None:
        self.exchange, self.stop = exchange, threading.Event()

    def watch(
        self, notes: Notes, selection: Selection, refused: Sequence[str] = ()
    ) -> UniverseWatch:
        rest = RestClient(BINANCE.rest, self.exchange.rest_base, self.stop)
        watch = UniverseWatch(rest, selection, notes, self.stop)
        watch.start(refused)
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
    raw = {"e": "contractInfo", "E": 1, "s": symbol, "ct": "PERPETUAL", "cs": status}
    made = parse_contract_info(raw)
    assert made is not None
    return made


def test_a_listing_is_followed_when_all_are_and_it_can_be_followed(bench: Bench) -> None:
    notes = Notes("BTCUSDT", "ETHUSDT")
    watch = bench.watch(notes, Selection())
    bench.exchange.statuses |= {"NEWUSDT": "TRADING"}
    bench.exchange.ticks = {"NEWUSDT": "0.50"}
    watch.on_contract(info("NEWUSDT", "TRADING"))
    assert [notes.next() for _ in range(3)] == [
        ("resume", "BTCUSDT"), ("resume", "ETHUSDT"), ("follow", "NEWUSDT"),
    ]  # fmt: skip
    assert notes.tick_sizes == {"NEWUSDT": 0.5}, "known before its first bar"
    assert notes.lot_sizes == {}, "it lists none"


class Refusing(Notes):
    """Follows symbols but one, whose past the exchange refuses."""

    def follow(self, symbol: str) -> None:
        if symbol == "BADUSDT":
            self.calls.put(("refused", symbol))
            raise RequestRefusedError("/fapi/v1/klines: Invalid symbol.")
        super().follow(symbol)


def test_a_refused_listing_holds_up_no_other_and_is_not_asked_for_again(bench: Bench) -> None:
    notes = Refusing("BTCUSDT", "ETHUSDT")
    watch = bench.watch(notes, Selection())
    for name in ("BADUSDT", "NEWUSDT"):
        bench.exchange.statuses |= {name: "TRADING"}
    watch.on_contract(info("NEWUSDT", "TRADING"))
    found = [notes.next() for _ in range(4)]
    assert found[2:] == [("refused", "BADUSDT"), ("follow", "NEWUSDT")]
    bench.exchange.statuses |= {"OTHERUSDT": "TRADING"}
    watch.on_contract(info("OTHERUSDT", "TRADING"))
    found = [notes.next() for _ in range(4)]
    assert found[3] == ("follow", "OTHERUSDT"), "the refused one waits for a minute"


def test_a_refused_listing_takes_no_place_of_a_ranking(bench: Bench) -> None:
    notes = Refusing("BTCUSDT")
    bench.exchange.statuses = dict.fromkeys(("BTCUSDT", "BADUSDT", "NEWUSDT"), "TRADING")
    bench.exchange.volumes = {"BADUSDT": 5.0, "NEWUSDT": 3.0}
    watch = bench.watch(notes, Selection(top=2))
    for _ in range(2):
        watch.on_contract(info("NEWUSDT", "TRADING"))
    found = [notes.next() for _ in range(4)]
    assert found == [
        ("resume", "BTCUSDT"), ("refused", "BADUSDT"), ("resume", "BTCUSDT"), ("follow", "NEWUSDT"),
    ]  # fmt: skip


def test_what_was_refused_is_tried_again_later_each_time(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(universe_module, "REFUSED_S", 0.01)
    bench.exchange.statuses = dict.fromkeys(("BTCUSDT", "BADUSDT"), "TRADING")
    notes = Refusing("BTCUSDT")
    watch = bench.watch(notes, Selection(), refused=("BADUSDT",))
    found = [notes.next() for _ in range(6)]
    assert found == [("resume", "BTCUSDT"), ("refused", "BADUSDT")] * 3
    assert watch.refused["BADUSDT"].wait_s >= 0.04


def test_no_wait_is_longer_than_that_for_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(universe_module, "REFUSED_S", universe_module.REFRESH_S * 3)
    with small_exchange() as exchange:
        stop = threading.Event()
        stop.set()
        rest = RestClient(BINANCE.rest, exchange.rest_base, stop)
        watch = UniverseWatch(rest, Selection(), Notes(), stop)
        watch.start(["BADUSDT"])
        assert watch.refused["BADUSDT"].wait_s == universe_module.REFRESH_S


def test_a_listing_outside_the_list_is_not_followed(bench: Bench) -> None:
    notes = Notes("BTCUSDT")
    watch = bench.watch(notes, Selection(("BTCUSDT",)))
    bench.exchange.statuses |= {"NEWUSDT": "TRADING"}
    watch.on_contract(info("NEWUSDT", "TRADING"))
    assert notes.next() == ("resume", "BTCUSDT")
    watch.on_contract(info("BTCUSDT", "SETTLING"))
    assert notes.next() == ("halt", "BTCUSDT")


def test_messages_about_every_contract_at_once_cause_few_requests(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(universe_module, "LISTING_S", 1.0)
    notes = Notes("BTCUSDT")
    watch = bench.watch(notes, Selection(("BTCUSDT",)))
    for n in range(200):
        watch.on_contract(info(f"S{n}USDT", "TRADING"))
    assert notes.next() == ("resume", "BTCUSDT")
    assert len(bench.exchange.queries("/fapi/v1/exchangeInfo")) < 10, "a second each, at least"


def test_a_halt_ends_with_trading_and_a_delisting_is_final(bench: Bench) -> None:
    notes = Notes("BTCUSDT", "ETHUSDT")
    watch = bench.watch(notes, Selection(("BTCUSDT", "ETHUSDT")))
    for status in ("SETTLING", "TRADING", "CLOSE"):
        bench.exchange.statuses["ETHUSDT"] = status
        watch.on_contract(info("ETHUSDT", status))
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
    watch.on_contract(info("ETHUSDT", "CLOSE"))
    assert [notes.next() for _ in range(3)] == [
        ("drop", "ETHUSDT"), ("resume", "BTCUSDT"), ("follow", "BUSDT"),
    ]  # fmt: skip


@pytest.mark.parametrize("answer", [(503, {}, ""), (200, {}, "[]"), (200, {}, "<html>")])
def test_an_unusable_list_of_contracts_is_requested_again(
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
