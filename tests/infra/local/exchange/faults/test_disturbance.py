"""Faults on command: read strictly, timed by the exchange's clock, and gone when they are over."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket
from hypothesis import given
from hypothesis import strategies as st

from infra.local.exchange.faults.disturbance import Disturbance
from infra.local.exchange.faults.schedule import FORMS, Fault, Faults, read_fault
from infra.local.exchange.market.bars import MINUTE_MS
from infra.local.exchange.market.clock import Clock
from infra.local.exchange.protocol.hub import Closing, Message
from infra.local.exchange.protocol.streams import parse
from tests.infra.local.exchange.samples import (
    MIDNIGHT,
    Server,
    is_closing,
    read_until,
    served,
    two_symbols,
)

NOW = MIDNIGHT + MINUTE_MS
SYMBOLS = ("AAAUSDT", "BBBUSDT")
KLINE = (
    '{"e":"kline","E":1,"s":"AAAUSDT","k":{"t":0,"T":59999,"s":"AAAUSDT","i":"1m","f":1,"L":2,'
    '"o":"2.0","c":"3.0","h":"3.5","l":"1.5","v":"10.0","n":2,"x":true,"q":"30","V":"4","Q":"12",'
    '"B":"0"}}'
)
END = MIDNIGHT + 30 * MINUTE_MS


def message(text: str = KLINE, name: str = "aaausdt@kline_1m", *, closing: bool = True) -> Message:
    stream = parse(name, SYMBOLS)
    assert stream is not None
    return Message(stream, text, Closing("AAAUSDT", NOW) if closing else None)


def disturbed(*faults: dict[str, Any], now: int = NOW) -> tuple[Disturbance, Clock]:
    clock, rows = Clock(now, None), Faults()
    for fault in faults:
        rows.add(read_fault({"at": NOW, **fault}, now))
    return Disturbance(rows, clock), clock


def texts(disturbance: Disturbance, *messages: Message) -> list[str]:
    return [out.text for one in messages for out in disturbance.apply(one)]


# --- what is read, and when it holds -------------------------------------------------------------


@pytest.mark.parametrize("kind", FORMS)
def test_every_kind_is_read_with_its_defaults_and_shown_as_read(kind: str) -> None:
    raw = {"kind": kind, "symbol": "AAAUSDT"} if "symbol" in FORMS[kind].takes else {"kind": kind}
    fault = read_fault(raw, NOW)
    assert (fault.at, fault.span) == (NOW, None)
    assert read_fault(fault.to_dict(), 0) == fault


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ([], "a JSON object"),
        ({"kind": "gone"}, "not one of silent"),
        ({"kind": "silent", "delay_ms": 5}, "takes no delay_ms, but stream, symbol"),
        ({"kind": "silent", "stream": "candle"}, "no stream, nor of kline"),
        ({"kind": "late", "delay_ms": -1}, "delay_ms: -1 is not a whole number"),
        ({"kind": "late", "at": True}, "at: True is not a whole number"),
        ({"kind": "malformed", "every": 0}, "not 1 or more"),
        ({"kind": "halt"}, "halt needs one"),
        ({"kind": "refuse_rest", "path": 5}, "path: 5 is not a text"),
    ],
)
def test_a_wrong_fault_is_refused_with_what_is_right(raw: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_fault(raw, NOW)


@given(at=st.integers(0, 10**13), span=st.integers(0, 10**6), after=st.integers(-10, 10**6))
def test_a_fault_holds_from_its_time_on_for_its_span(at: int, span: int, after: int) -> None:
    assert Fault("silent", at, span).on(at + after) == (0 <= after < span)
    assert Fault("silent", at).on(at + after) == (after >= 0)


def test_a_fault_means_a_class_a_stream_or_a_symbol() -> None:
    kline, marks = message().stream, message(name="!markPrice@arr@1s").stream
    assert Fault("silent", 0, stream="kline").hits(kline)
    assert not Fault("silent", 0, stream="kline").hits(marks)
    assert Fault("silent", 0, stream="!markPrice@arr@1s", symbol="BBBUSDT").hits(marks)
    assert not Fault("silent", 0, symbol="BBBUSDT").hits(kline)


# --- what becomes of a message -------------------------------------------------------------------


def test_without_a_fault_of_this_moment_everything_passes_as_it_is() -> None:
    disturbance, clock = disturbed({"kind": "silent", "for": 10})
    assert texts(disturbance, message()) == []
    clock.reach(NOW + 10)
    assert disturbance.apply(message()) == [message()]
    assert not Disturbance(Faults(), clock)


def test_closing_klines_go_missing_come_late_or_lie() -> None:
    forming = message(closing=False)
    assert texts(disturbed({"kind": "missing"})[0], message(), forming) == [KLINE]
    assert texts(disturbed({"kind": "unformed"})[0], message()) == [KLINE]
    assert texts(disturbed({"kind": "unformed"})[0], forming) == []
    late, clock = disturbed({"kind": "late", "delay_ms": 500})
    assert texts(late, message(), forming) == [KLINE]
    clock.reach(NOW + 499)
    assert list(late.due()) == []
    clock.reach(NOW + 500)
    assert list(late.due()) == [message()]
    assert list(late.due()) == []
    (lie,) = texts(disturbed({"kind": "mismatch"})[0], message())
    bar = json.loads(lie)["k"]
    assert (bar["c"], bar["v"], bar["q"]) == ("2.0", "5.00000000", "15.00000000")


def test_messages_come_twice_or_in_another_order_and_none_is_lost() -> None:
    several = [message(f'{{"n":{n}}}') for n in range(6)]
    assert texts(disturbed({"kind": "duplicate"})[0], *several[:2]) == [
        '{"n":0}', '{"n":0}', '{"n":1}', '{"n":1}',
    ]  # fmt: skip
    order = [json.loads(t)["n"] for t in texts(disturbed({"kind": "reorder"})[0], *several)]
    assert order == [0, 2, 1, 4, 3]
    swapped, clock = disturbed({"kind": "reorder", "for": 1})
    published = texts(swapped, *several[:2])
    clock.reach(NOW + 1)
    assert [*published, *texts(swapped, several[2])] == ['{"n":0}', '{"n":2}', '{"n":1}']


def test_a_symbol_is_left_out_of_the_messages_that_tell_of_all() -> None:
    marks = message('[{"s":"AAAUSDT","p":"1"},{"s":"BBBUSDT","p":"2"}]', "!markPrice@arr@1s")
    (left,) = texts(disturbed({"kind": "silent", "symbol": "AAAUSDT"})[0], marks)
    assert json.loads(left) == [{"s": "BBBUSDT", "p": "2"}]


def test_broken_huge_and_unknown_frames_come_in_between() -> None:
    broken, _ = disturbed({"kind": "malformed", "every": 2})
    published = texts(broken, *[message() for _ in range(40)])
    assert sum(text == KLINE for text in published) == 20
    assert len({text for text in published if text != KLINE}) >= 14
    big = texts(disturbed({"kind": "huge", "every": 1, "bytes": 10_000})[0], message())
    assert (len(big[0]) > 10_000, big[1]) == (True, KLINE)
    strange = texts(disturbed({"kind": "unknown"})[0], message())
    assert json.loads(strange[0])["e"] == "somethingNew"
    assert json.loads(strange[1])["k"] == json.loads(KLINE)["k"]


def test_event_times_are_off_by_the_skew() -> None:
    (text,) = texts(disturbed({"kind": "skew", "offset_ms": -5_000})[0], message())
    assert json.loads(text)["E"] == 1 - 5_000
    assert json.loads(text)["k"] == json.loads(KLINE)["k"]


# --- met by a client -----------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Two recorded symbols, half an hour, at full speed; the clock waits for a listener."""
    with served(two_symbols(tmp_path)) as running:
        yield running


def received(ws: websocket.WebSocket) -> list[Any]:
    """Return all messages until the connection falls silent or ends."""
    ws.settimeout(0.5)
    published = []
    try:
        while text := ws.recv():
            published.append(json.loads(text))
    except (websocket.WebSocketException, OSError):
        return published
    return published


def put(server: Server, *faults: dict[str, Any]) -> Any:
    url = f"http://127.0.0.1:{server.port}/_local/faults"
    answer = requests.post(url, json=list(faults), timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_faults_are_set_listed_and_cleared(server: Server) -> None:
    assert put(server, {"kind": "missing", "for": 5}) == [
        {"kind": "missing", "at": MIDNIGHT, "for": 5, "stream": "", "symbol": "", "struck": 0,
         "first": None, "last": None},
    ]  # fmt: skip
    url = f"http://127.0.0.1:{server.port}/_local/faults"
    assert requests.post(url, json={"kind": "?"}, timeout=5).status_code == 400
    assert requests.post(url, data=b"{", timeout=5).status_code == 400
    assert len(server.get("/_local/faults").json()) == 1
    assert requests.delete(url, timeout=5).json() == []


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


def test_a_stalled_connection_hears_nothing_more_and_does_not_stop_the_play(
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
    requests.delete(f"http://127.0.0.1:{server.port}/_local/faults", timeout=5)
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


def test_a_halt_and_a_listing_are_told_and_leave_no_bars(server: Server) -> None:
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
