"""Recordings of the exchange itself, played through the real client: every frame is counted."""

import json
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from signalengine.bars.builder import BarRequest
from signalengine.exchanges.binance.exchange import BINANCE
from signalengine.facts.stream import BarsFact, TicksFact

from ingest_task.backfill.rest import RestClient
from ingest_task.connections.feed import Feed
from ingest_task.lease import NoLease
from ingest_task.recording.recorder import Recorder
from tests.ingest_task.recorder_harness import MemoryOutlet
from tests.ingest_task.small_exchange import small_exchange
from tests.paths import SHARED

DATA = SHARED
CAPTURE = DATA / "ws_raw/cryptofeed/2021-07-22/BINANCE_FUTURES.ws.1.0"
SYMBOLS = ("SUSHIUSDT", "AKROUSDT", "KEEPUSDT", "CTKUSDT")
INFO = DATA / "rest_raw/20260708T0928Z/fapi-v1-exchangeInfo.json"
HOURS = DATA / "rest_raw/20260704T155543Z/fapi-v1-fundingInfo.json"
RATES = DATA / "rest_raw/20260704T155543Z/fapi-v1-fundingRate-BTCUSDT-limit20.json"
needs_capture = pytest.mark.skipif(
    not CAPTURE.is_file(), reason=f"{CAPTURE.name} is not on this machine"
)
needs_bodies = pytest.mark.skipif(
    not all(path.is_file() for path in (INFO, HOURS, RATES)),
    reason=f"{INFO.name}, {HOURS.name} or {RATES.name} is not on this machine",
)


def play(
    frames: Sequence[str], symbols: Sequence[str]
) -> tuple[dict[str, Any], MemoryOutlet, list[BarRequest]]:
    """Send frames over a socket to the real client; returns its counters, facts and requests."""
    outlet, stop, requests = MemoryOutlet(), threading.Event(), list[BarRequest]()
    recorder = Recorder(
        BINANCE.streams, symbols, "live", outlet, requests.append, NoLease(), task="capture"
    )
    with small_exchange() as exchange:
        feed = Feed(BINANCE.streams, exchange.ws_base, symbols, recorder, lambda _wait: True, stop)
        feed.start()
        assert feed.wait_subscribed(10)
        exchange.send_texts([*frames])
        beyond = threading.Event()
        while recorder.status()["messages"] < len(frames) and not beyond.wait(0.01):
            pass
        stop.set()
        feed.end(5.0)
    return recorder.status(), outlet, requests


def frames() -> list[str]:
    return [line.split(": ", 1)[1] for line in CAPTURE.read_text().splitlines()[1:]]


def payloads() -> list[dict[str, Any]]:
    return [json.loads(frame)["data"] for frame in frames()]


@needs_capture
def test_every_frame_of_a_raw_capture_is_read_and_its_four_bars_are_sent() -> None:
    status, outlet, requests = play(frames(), SYMBOLS)
    events = Counter(payload["e"] for payload in payloads())
    assert (status["messages"], status["malformed"]) == (len(frames()), 0)
    assert status["used"] == {"kline": events["kline"]}
    assert status["passed"] == {"other_stream": len(frames()) - events["kline"]}
    sent = {fact.symbol: fact.bars[0] for fact in outlet.of(BarsFact)}
    assert set(sent) == set(SYMBOLS)
    for k in (p["k"] for p in payloads() if p["e"] == "kline" and p["k"]["x"]):
        bar = sent[k["s"]]
        assert (bar.open_time, bar.close, bar.volume) == (k["t"], float(k["c"]), float(k["v"]))
    assert len(outlet.of(TicksFact)) == 1 + 2 + 5, "at the start, midway, in the minute that begins"
    assert requests == []


@needs_capture
def test_unused_messages_are_counted_by_reason() -> None:
    """The capture again: half its symbols followed, COIN-M between, a broken message, a far one."""
    made = frames()
    foreign = {"e": "markPriceUpdate", "E": 1, "s": "BTCUSD_PERP", "st": 2}
    extra = [
        {"e": "kline", "E": 1626992745000, "s": "CTKUSDT", "k": 7},
        {"e": "kline", "E": 1999999999999, "s": "CTKUSDT", "k": {}},
        [foreign | {"E": 1626992745000}],
        {"e": "contractInfo", "E": 1626992745000, "s": "NEWUSDT", "ct": "PERPETUAL", "cs": "X"},
    ]
    made += [json.dumps({"stream": "any", "data": data}) for data in extra]
    status, outlet, _ = play(made, SYMBOLS[2:])
    klines = Counter(p["s"] for p in payloads() if p["e"] == "kline")
    ours = sum(klines[symbol] for symbol in SYMBOLS[2:])
    assert status["used"] == {"kline": ours, "contract": 1}
    assert status["passed"] == {
        "other_stream": len(payloads()) - sum(klines.values()),
        "other_symbol": sum(klines.values()) - ours, "malformed": 2, "coin_margined": 1,
    }  # fmt: skip
    assert sum(status["used"].values()) + sum(status["passed"].values()) == len(made)
    assert {fact.symbol for fact in outlet.of(BarsFact)} == set(SYMBOLS[2:])


@needs_bodies
def test_raw_rest_bodies_are_read_over_a_socket() -> None:
    with small_exchange() as exchange:
        exchange.answers = {
            "/fapi/v1/exchangeInfo": [(200, {}, INFO.read_text())],
            "/fapi/v1/fundingInfo": [(200, {}, HOURS.read_text())],
            "/fapi/v1/fundingRate": [(200, {}, RATES.read_text())],
        }
        rest = RestClient(BINANCE.rest, exchange.rest_base, threading.Event())
        universe, hours = rest.universe(), rest.funding_hours()
        rates = rest.funding_rates("BTCUSDT", 0, 1)
    raw = json.loads(INFO.read_text())["symbols"]
    assert len(universe.symbols) + len(universe.refused) == len(raw)
    assert {"BTCUSDT", "ETHUSDT"} <= universe.symbols
    assert universe.halted <= universe.refused.keys()
    kinds = {row["symbol"]: row["contractType"] for row in raw}
    assert {kinds[symbol] for symbol in universe.symbols} == {"PERPETUAL"}
    assert any(kind == "TRADIFI_PERPETUAL" for kind in kinds.values())
    assert set(hours.values()) <= {1, 2, 4, 8}
    assert len(rates) == 20
