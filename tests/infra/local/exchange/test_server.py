"""Faults as a client of the exchange meets them."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import websocket

from infra.local.exchange.market.bars import MINUTE_MS
from tests.infra.local.exchange.samples import (
    MIDNIGHT,
    Server,
    is_closing,
    read_until,
    served,
    two_symbols,
)

SYMBOLS = ("AAAUSDT", "BBBUSDT")


END = MIDNIGHT + 30 * MINUTE_MS


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Two recorded symbols, half an hour, at full speed; the clock waits for a listener."""
    with served(two_symbols(tmp_path)) as running:
        yield running


def received(ws: websocket.WebSocket) -> list[Any]:
    """Return all messages until the connection falls silent or ends."""
    ws.settimeout(1.0)
    published = []
    try:
        while text := ws.recv():
            published.append(json.loads(text))
    except (websocket.WebSocketException, OSError):
        return published
    return published


def put(server: Server, *faults: dict[str, Any]) -> Any:
    answer = server.operator.post(server.url("/_local/faults"), json=list(faults), timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_faults_are_set_listed_and_cleared(server: Server) -> None:
    assert put(server, {"kind": "missing", "for": 5}) == [
        {"kind": "missing", "at": MIDNIGHT, "for": 5, "stream": "", "symbol": "", "struck": 0,
         "first": None, "last": None},
    ]  # fmt: skip
    url = server.url("/_local/faults")
    assert server.operator.post(url, json={"kind": "?"}, timeout=5).status_code == 400
    assert server.operator.post(url, data=b"{", timeout=5).status_code == 400
    assert len(server.get("/_local/faults").json()) == 1
    assert server.operator.delete(url, timeout=5).json() == []


def test_the_same_klines_are_missing_at_full_speed_and_rest_has_them(server: Server) -> None:
    put(server, {"kind": "missing", "at": MIDNIGHT + 5 * MINUTE_MS, "for": 2 * MINUTE_MS,
                 "symbol": "AAAUSDT"})  # fmt: skip
    ws = server.connect("/market/ws/aaausdt@kline_1m/bbbusdt@kline_1m")
    published = read_until(ws, lambda m: is_closing(m, "BBBUSDT", END))
    ends = [(m["k"]["T"] + 1 - MIDNIGHT) // MINUTE_MS
            for m in published if m["k"]["x"] and m["s"] == "AAAUSDT"]  # fmt: skip
    assert ends == [*range(1, 5), *range(7, 31)]
    rows = server.get("/fapi/v1/klines", symbol="AAAUSDT", interval="1m", limit=30).json()
    assert len(rows) == 30
    (row,) = server.get("/_local/faults").json()
    assert (row["struck"], row["first"]) == (2, MIDNIGHT + 5 * MINUTE_MS)


def test_a_stalled_connection_receives_nothing_and_does_not_stop_the_playback(
    server: Server,
) -> None:
    put(server, {"kind": "stall", "at": MIDNIGHT + 3 * MINUTE_MS, "symbol": "AAAUSDT"})
    stalled = server.connect("/market/ws/aaausdt@kline_1m")
    other = server.connect("/market/ws/bbbusdt@kline_1m")
    with ThreadPoolExecutor() as pool:
        published = pool.submit(received, stalled)
        read_until(other, lambda m: is_closing(m, "BBBUSDT", END))
        assert max(m["E"] for m in published.result()) < MIDNIGHT + 3 * MINUTE_MS
    stalled.ping("anybody?")
    with pytest.raises(websocket.WebSocketTimeoutException):
        stalled.recv_data(control_frame=True)


def test_connections_are_cut_refused_and_closed_for_their_age(server: Server) -> None:
    put(server, {"kind": "expire", "at": MIDNIGHT, "age_ms": 2 * MINUTE_MS})
    ws = server.connect("/market/ws/aaausdt@kline_1m")
    ages = [m["E"] - MIDNIGHT for m in received(ws)]
    assert not ws.connected
    assert 2 * MINUTE_MS - 10_000 < max(ages) <= 4 * MINUTE_MS
    put(server, {"kind": "refuse", "status": 403})
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        server.connect("/market/ws/aaausdt@kline_1m")
    server.operator.delete(server.url("/_local/faults"), timeout=5)
    put(server, {"kind": "disconnect", "every_ms": MINUTE_MS})
    for _ in range(2):
        ws = server.connect("/market/ws/bbbusdt@kline_1m")
        received(ws)
        assert not ws.connected
    (row,) = server.get("/_local/faults").json()
    assert row["struck"] >= 2


@pytest.mark.parametrize("status", [403, 418, 429, 451, 500, 503])
def test_rest_refuses_as_binance_does(server: Server, status: int) -> None:
    put(server, {"kind": "refuse_rest", "status": status, "path": "/fapi/v1/time",
                 "retry_after": 7})  # fmt: skip
    answer = server.get("/fapi/v1/time")
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
    assert set(answer.json()) == {"code", "msg"}
    assert server.get("/fapi/v1/ping").status_code == 200


def test_rest_is_slow_lags_or_makes_no_sense(server: Server) -> None:
    put(server, {"kind": "slow_rest", "path": "/fapi/v1/time", "delay_ms": 300})
    began = time.monotonic()
    server.get("/fapi/v1/time")
    assert time.monotonic() - began >= 0.3
    put(server, {"kind": "lagging_rest", "delay_ms": 2 * MINUTE_MS})
    rows = server.get("/fapi/v1/klines", symbol="AAAUSDT", interval="1m").json()
    assert rows[-1][0] == MIDNIGHT - 3 * MINUTE_MS
    put(
        server,
        {"kind": "skew", "offset_ms": -5_000},
        {"kind": "garbled_rest", "path": "/fapi/v1/p"},
    )
    assert server.get("/fapi/v1/time").json() == {"serverTime": MIDNIGHT - 5_000}
    assert server.get("/fapi/v1/ping").text == "<html>"


def status_of(server: Server, symbol: str) -> str | None:
    found = server.get("/fapi/v1/exchangeInfo").json()["symbols"]
    return next((row["status"] for row in found if row["symbol"] == symbol), None)


def test_a_halt_and_a_listing_are_published_and_have_no_bars(server: Server) -> None:
    put(
        server,
        {"kind": "halt", "symbol": "AAAUSDT", "at": MIDNIGHT + 5 * MINUTE_MS, "for": 300_000},
        {"kind": "unlisted", "symbol": "BBBUSDT", "at": MIDNIGHT, "for": 10 * MINUTE_MS},
    )
    assert status_of(server, "BBBUSDT") is None
    answer = server.get("/fapi/v1/klines", symbol="BBBUSDT", interval="1m")
    assert answer.json()["code"] == -1121
    ws = server.connect("/market/ws/aaausdt@kline_1m/bbbusdt@kline_1m/!contractInfo")
    published = read_until(ws, lambda m: is_closing(m, "BBBUSDT", END))
    contracts = [(m["s"], m["cs"], m["E"]) for m in published if m["e"] == "contractInfo"]
    minute = [MIDNIGHT + n * MINUTE_MS for n in range(31)]
    assert contracts == [
        ("AAAUSDT", "SETTLING", minute[5]), ("AAAUSDT", "TRADING", minute[10]),
        ("BBBUSDT", "TRADING", minute[10]),
    ]  # fmt: skip
    opens = {s: [m["k"]["t"] for m in published if m.get("s") == s and m.get("k", {}).get("x")]
             for s in SYMBOLS}  # fmt: skip
    assert opens == {"AAAUSDT": [*minute[:5], *minute[10:30]], "BBBUSDT": minute[10:30]}
    for symbol, known in opens.items():
        rows = server.get("/fapi/v1/klines", symbol=symbol, interval="1m",
                          startTime=MIDNIGHT).json()  # fmt: skip
        assert [row[0] for row in rows] == known
    assert status_of(server, "BBBUSDT") == "TRADING"
    longer = server.get("/fapi/v1/klines", symbol="BBBUSDT", interval="1h").json()
    assert [row[0] for row in longer] == [MIDNIGHT]
