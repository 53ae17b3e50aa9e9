"""The WebSocket side, met by a real client."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import websocket
from signalengine.exchanges.binance.rest import BinanceRest
from signalengine.exchanges.binance.streams import BinanceStreams

from infra.local.exchange.market.bars import MINUTE_MS
from infra.local.exchange.playback.player import FULL_SPEED_UPDATES
from ingest_task.backfill.rest import RestClient
from tests.infra.local.exchange.samples import (
    MIDNIGHT,
    Server,
    drain,
    is_closing,
    read,
    read_until,
    request,
    served,
    simulated,
    two_symbols,
)

END = MIDNIGHT + 30 * MINUTE_MS
BOTH = "aaausdt@kline_1m/bbbusdt@kline_1m"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Two recorded symbols, half an hour, at full speed."""
    with served(two_symbols(tmp_path)) as running:
        yield running


def everything(server: Server, path: str, closing: str = "BBBUSDT") -> list[Any]:
    """Return all payloads of a connection up to the last closing kline of the play."""
    ws = server.connect(path)
    try:
        return read_until(ws, lambda m: is_closing(m.get("data", m) if isinstance(m, dict) else m,
                                                   closing, END))  # fmt: skip
    finally:
        ws.close()


def test_a_raw_connection_gets_bare_payloads(server: Server) -> None:
    messages = everything(server, f"/market/ws/{BOTH}")
    assert {message["e"] for message in messages} == {"kline"}


def test_a_combined_connection_gets_wrapped_payloads(server: Server) -> None:
    messages = everything(server, f"/market/stream?streams={BOTH}/!markPrice@arr@1s")
    assert {message["stream"] for message in messages} == {*BOTH.split("/"), "!markPrice@arr@1s"}
    assert all(set(message) == {"stream", "data"} for message in messages)


@pytest.mark.parametrize("by_query", [False, True])
def test_a_symbol_of_any_script_is_served_by_both_sides(by_query: bool) -> None:
    """The ingest task's own requests name the streams, or a query does."""
    names = ("币安人生USDT", "1000PEPEUSDT")
    streams = [BinanceStreams().kline(name) for name in names]
    query = f"?streams={'/'.join(quote(name) for name in streams)}" if by_query else ""
    with served(simulated(",".join(names), minutes=3)) as server:
        ws = server.connect(f"/market/stream{query}")
        if not by_query:
            reply = request(ws, BinanceStreams().request("subscribe", streams, 1))
            assert reply == {"result": None, "id": 1}
        end = MIDNIGHT + 3 * MINUTE_MS
        messages = read_until(ws, lambda m: is_closing(m["data"], names[-1], end))
        found = {message["stream"]: message["data"]["s"] for message in messages}
        assert found == dict(zip(streams, names, strict=True))
        rest = RestClient(BinanceRest(), f"http://127.0.0.1:{server.port}", threading.Event())
        for name in names:
            assert len(rest.closed_bars(name, "1m", MIDNIGHT, 5)) == 5


def test_each_bar_closes_exactly_once_and_grows_before(server: Server) -> None:
    messages = everything(server, f"/market/ws/{BOTH}")
    closed = Counter((m["s"], m["k"]["t"]) for m in messages if m["k"]["x"])
    assert len(closed) == 60
    assert set(closed.values()) == {1}
    formed = Counter((m["s"], m["k"]["t"]) for m in messages if not m["k"]["x"])
    assert all(6 <= formed[key] <= 12 for key in closed)


def test_messages_come_in_order_of_event_time(server: Server) -> None:
    ws = server.connect(f"/market/ws/{BOTH}/aaausdt@kline_5m/!markPrice@arr@1s/aaausdt@aggTrade")
    messages = read_until(ws, lambda m: is_closing(m, "BBBUSDT", END))
    times = [m[0]["E"] if isinstance(m, list) else m["E"] for m in messages]
    assert times == sorted(times)
    for m in messages:
        if isinstance(m, dict) and m["e"] == "kline":
            inside = m["k"]["t"] < m["E"] <= m["k"]["T"] + 1
            assert inside if not m["k"]["x"] else 0 < m["E"] - (m["k"]["T"] + 1) < 100
    ws.close()


def test_a_longer_bar_closes_with_its_last_minute_and_after_it(server: Server) -> None:
    messages = everything(server, "/market/ws/bbbusdt@kline_15m/bbbusdt@kline_1m")
    closings = [(m["k"]["i"], m["k"]["T"] + 1) for m in messages if m["k"]["x"]]
    assert [item for item in closings if item[0] == "15m"] == [
        ("15m", MIDNIGHT + 15 * MINUTE_MS)
    ]  # the second one follows the message that ended the reading
    place = closings.index(("15m", MIDNIGHT + 15 * MINUTE_MS))
    assert closings[place - 1] == ("1m", MIDNIGHT + 15 * MINUTE_MS)
    minutes = [m["k"] for m in messages if m["k"]["x"] and m["k"]["i"] == "1m"][:15]
    (bar,) = [m["k"] for m in messages if m["k"]["x"] and m["k"]["i"] == "15m"]
    assert (bar["o"], bar["c"]) == (minutes[0]["o"], minutes[-1]["c"])
    assert float(bar["h"]) == max(float(k["h"]) for k in minutes)
    assert float(bar["l"]) == min(float(k["l"]) for k in minutes)
    assert float(bar["v"]) == pytest.approx(sum(float(k["v"]) for k in minutes), abs=1e-9)
    assert bar["n"] == sum(k["n"] for k in minutes)
    assert (bar["f"], bar["L"]) == (minutes[0]["f"], minutes[-1]["L"])


def test_marks_come_each_second_of_the_market(server: Server) -> None:
    messages = everything(server, "/market/ws/bbbusdt@kline_1m/!markPrice@arr@1s/!markPrice@arr")
    arrays = Counter(m[0]["E"] for m in messages if isinstance(m, list))
    assert sorted(arrays) == [*range(MIDNIGHT + 1_000, END + 1, 1_000)]
    assert {count for time, count in arrays.items() if time % 3_000 == 0} == {4}
    assert {count for time, count in arrays.items() if time % 3_000} == {2}


def test_marks_include_untracked_contracts(server: Server) -> None:
    messages = everything(server, "/market/ws/bbbusdt@kline_1m/!markPrice@arr@1s")
    coins, apart = [m for m in messages if isinstance(m, list)][:2]
    assert [(mark["s"], mark["st"]) for mark in coins if mark["st"] == 2] == [
        ("BTCUSD_PERP", 2), ("ETHUSD_PERP", 2),
    ]  # fmt: skip
    assert {mark["s"] for mark in coins} > {"AAAUSDT", "BBBUSDT", "BTCDOMUSDT"}
    assert [mark["s"] for mark in apart] == ["TSLAUSDT", "XAUUSDT"]
    assert all(list(mark) == list(coins[0]) for mark in [*coins, *apart])


def test_the_fields_of_klines_and_marks_are_binances(server: Server) -> None:
    messages = everything(server, "/market/ws/bbbusdt@kline_1m/!markPrice@arr@1s")
    kline = next(m for m in messages if isinstance(m, dict))
    assert list(kline) == ["e", "E", "s", "k"]
    assert list(kline["k"]) == [*"tTsifLochlvnxqVQB"]
    assert all(isinstance(kline["k"][key], str) for key in "ochlvqVQB")
    assert all(isinstance(kline["k"][key], int) for key in "tTfLn")
    mark = next(m for m in messages if isinstance(m, list))[0]
    assert list(mark) == ["e", "E", "s", "p", "ap", "i", "P", "r", "T", "st"]
    assert (mark["e"], mark["st"], mark["r"], mark["T"]) == ("markPriceUpdate", 1, "", 0)
    assert all(isinstance(mark[key], str) for key in ("p", "ap", "i", "P", "r"))


@pytest.mark.parametrize(
    "path",
    [f"/ws/{BOTH}", f"/stream?streams={BOTH}", f"/public/ws/{BOTH}", "/market/ws",
     "/market/ws/aaausdt@bookTicker", "/market/ws/AAAUSDT@kline_1m/zzzusdt@kline_1m"],
)  # fmt: skip
def test_the_wrong_route_or_name_is_silence(server: Server, path: str) -> None:
    silent, good = server.connect(path), server.connect("/market/ws/bbbusdt@kline_1m")
    read_until(good, lambda m: is_closing(m, "BBBUSDT", MIDNIGHT + 2 * MINUTE_MS))
    assert "result" in request(silent, '{"method":"LIST_SUBSCRIPTIONS","id":1}')
    silent.settimeout(0.05)
    with pytest.raises(websocket.WebSocketTimeoutException):
        silent.recv()
    silent.close()
    good.close()


def test_the_book_ticker_comes_on_public_and_unrouted_connections(server: Server) -> None:
    books = [server.connect(f"{route}/ws/aaausdt@bookTicker") for route in ("/public", "")]
    good = server.connect("/market/ws/bbbusdt@kline_1m")
    read_until(good, lambda m: is_closing(m, "BBBUSDT", MIDNIGHT + MINUTE_MS))
    for ws in books:
        quote = read(ws)
        assert list(quote) == ["e", "u", "E", "T", "s", "ps", "b", "B", "a", "A", "st"]
        assert float(quote["b"]) < float(quote["a"])
        ws.close()
    good.close()


def test_subscribing_by_message_works_and_unsubscribing_ends_it(server: Server) -> None:
    ws = server.connect("/market/ws")
    sub = {"method": "SUBSCRIBE", "params": ["aaausdt@kline_1m"], "id": 1}
    assert request(ws, json.dumps(sub)) == {"result": None, "id": 1}
    assert read(ws)["s"] == "AAAUSDT"
    assert request(ws, '{"method":"LIST_SUBSCRIPTIONS","id":2}')["result"] == ["aaausdt@kline_1m"]
    sub["method"] = "UNSUBSCRIBE"
    assert request(ws, json.dumps(sub)) == {"result": None, "id": 1}
    server.until(lambda status: status["state"] == "waiting", lambda: drain(ws))
    assert drain(ws) == []
    ws.close()


def test_combined_can_be_switched_while_connected(server: Server) -> None:
    ws = server.connect("/market/ws/aaausdt@kline_1m")
    assert "e" in read(ws)
    assert request(ws, '{"method":"GET_PROPERTY","params":["combined"],"id":1}')["result"] is False
    request(ws, '{"method":"SET_PROPERTY","params":["combined",true],"id":2}')
    read_until(ws, lambda m: set(m) == {"stream", "data"})
    ws.close()


def test_errors_are_answered_and_the_connection_stays_open(server: Server) -> None:
    ws = server.connect("/market/ws")
    assert request(ws, "{")["code"] == 3
    assert request(ws, '{"method":"SHOUT","id":1}')["code"] == 2
    assert request(ws, '{"method":"LIST_SUBSCRIPTIONS","id":1}')["result"] == []
    ws.close()


def test_more_than_ten_messages_a_second_end_the_connection(server: Server) -> None:
    ws = server.connect("/market/ws")
    for _ in range(11):
        ws.send('{"method":"LIST_SUBSCRIPTIONS","id":1}')
    frames: list[websocket.ABNF] = []
    while not frames or frames[-1].opcode != websocket.ABNF.OPCODE_CLOSE:
        frames.append(ws.recv_frame())
    assert len(frames) == 11
    assert int.from_bytes(frames[-1].data[:2], "big") == 1008
    ws.shutdown()


def test_1024_streams_fit_in_an_address_and_one_more_does_not(server: Server) -> None:
    names = [f"symbol{number}@kline_15m" for number in range(1_024)]
    fine = server.connect("/market/stream?streams=" + "/".join(names))
    listed = request(fine, '{"method":"LIST_SUBSCRIPTIONS","id":1}')
    assert listed["result"] == names
    fine.close()
    refused = server.connect("/market/stream?streams=" + "/".join([*names, "one@more"]))
    frame = refused.recv_frame()
    assert frame.opcode == websocket.ABNF.OPCODE_CLOSE
    assert int.from_bytes(frame.data[:2], "big") == 1008
    refused.shutdown()


def test_a_ping_is_answered_with_its_payload(server: Server) -> None:
    ws = server.connect("/market/ws")
    ws.ping("are you there")
    frame = ws.recv_frame()
    assert (frame.opcode, frame.data) == (websocket.ABNF.OPCODE_PONG, b"are you there")
    ws.close()


def test_the_clock_starts_with_a_subscription_to_klines(server: Server) -> None:
    paths = ("/market/ws/!markPrice@arr@1s", f"/ws/{BOTH}", "/public/ws/aaausdt@bookTicker")
    others = [server.connect(path) for path in paths]
    assert server.status()["state"] == "waiting"
    assert server.status()["now"] == MIDNIGHT
    ws = server.connect("/market/ws/aaausdt@kline_1m")
    server.until(lambda status: status["now"] > MIDNIGHT)
    for connection in (ws, *others):
        connection.close()


def test_at_full_speed_a_client_that_does_not_read_holds_the_clock(server: Server) -> None:
    ws = server.connect(f"/market/ws/{BOTH}")
    held = server.until(lambda status: status["now"] >= MIDNIGHT + MINUTE_MS)
    assert held["now"] < MIDNIGHT + 2 * MINUTE_MS
    read_until(ws, lambda m: is_closing(m, "BBBUSDT", MIDNIGHT + MINUTE_MS))
    assert server.status()["now"] < MIDNIGHT + 2 * MINUTE_MS
    read(ws)
    server.until(lambda status: status["now"] >= MIDNIGHT + 2 * MINUTE_MS)
    ws.close()


def test_at_full_speed_a_market_without_subscribers_waits_for_the_next(server: Server) -> None:
    ws = server.connect("/market/ws/bbbusdt@kline_1m")
    read_until(ws, lambda m: is_closing(m, "BBBUSDT", MIDNIGHT + 3 * MINUTE_MS))
    ws.close()
    left = server.until(lambda status: status["state"] == "waiting")
    assert left["now"] < END
    again = server.connect("/market/ws/bbbusdt@kline_1m")
    assert read(again)["k"]["t"] <= left["now"]
    again.close()


def test_two_clients_get_the_same(server: Server) -> None:
    clients = [server.connect("/market/ws/bbbusdt@kline_1m") for _ in range(2)]

    def of_later_minutes(ws: websocket.WebSocket) -> list[Any]:
        messages = read_until(ws, lambda m: is_closing(m, "BBBUSDT", END))
        return [m for m in messages if m["k"]["t"] > MIDNIGHT + 2 * MINUTE_MS]

    with ThreadPoolExecutor(2) as threads:
        one, two = threads.map(of_later_minutes, clients)
    assert one == two
    assert len(one) == 27 * FULL_SPEED_UPDATES


def test_at_the_end_everything_is_published_and_sockets_stay_open(server: Server) -> None:
    ws = server.connect(f"/market/stream?streams={BOTH}")
    read_until(ws, lambda m: is_closing(m["data"], "BBBUSDT", END))
    status = server.until(lambda status: status["state"] == "ended", lambda: drain(ws))
    assert END < status["now"] < END + 100
    assert status["bars_sent"] == {"AAAUSDT": 30, "BBBUSDT": 30}
    assert status["connections"] == 1
    assert request(ws, '{"method":"LIST_SUBSCRIPTIONS","id":1}')["result"] == BOTH.split("/")
    ws.close()


def test_the_time_of_each_closing_is_recorded(server: Server) -> None:
    everything(server, f"/market/ws/{BOTH}")
    sent = server.get("/_local/sent").json()
    assert set(sent) == {"AAAUSDT", "BBBUSDT"}
    moments = [sent["AAAUSDT"][str(MIDNIGHT + n * MINUTE_MS)] for n in range(1, 31)]
    assert moments == sorted(moments)
    assert all(isinstance(moment, int) for moment in moments)


def test_at_a_finite_speed_the_clock_follows_the_wall(tmp_path: Path) -> None:
    with served(two_symbols(tmp_path), speed=600.0) as server:
        ws = server.connect("/market/ws/bbbusdt@kline_1m")
        messages = read_until(ws, lambda m: is_closing(m, "BBBUSDT", MIDNIGHT + 5 * MINUTE_MS))
        assert len([m for m in messages if m["k"]["x"]]) == 5
        assert len(messages) == 5 * 6
        sent = server.get("/_local/sent").json()["BBBUSDT"]
        first, last = (sent[str(MIDNIGHT + n * MINUTE_MS)] for n in (1, 5))
        assert last - first >= 380  # four minutes are 400 ms, on a busy machine more
        ws.close()


def test_liquidations_come_one_a_second_and_symbol_at_most() -> None:
    with served(simulated("BTCUSDT,ETHUSDT")) as server:
        ws = server.connect("/market/ws/ethusdt@kline_1m/!forceOrder@arr/btcusdt@forceOrder")
        messages = read_until(ws, lambda m: is_closing(m, "ETHUSDT", END))
        ws.close()
    orders = [m for m in messages if m["e"] == "forceOrder"]
    of_all = [m for m in orders if "st" in m]
    assert list(of_all[0]) == ["e", "E", "ps", "st", "o"]
    assert [*of_all[0]["o"]] == [*"sSofqp", "ap", *"XlzT"]
    assert set(Counter((m["E"], m["o"]["s"]) for m in of_all).values()) == {1}
    assert {m["st"] for m in of_all} == {1, 2}
    assert all(m["o"]["s"].endswith("_PERP") == (m["st"] == 2) for m in of_all)
    assert all(m["E"] - 1_000 < m["o"]["T"] <= m["E"] for m in of_all)
    single = [m["o"] for m in orders if "st" not in m]
    assert single == [m["o"] for m in of_all if m["o"]["s"] == "BTCUSDT"]


def test_mini_tickers_and_trades_agree_with_klines() -> None:
    with served(simulated("BTCUSDT")) as server:
        ws = server.connect("/market/ws/btcusdt@kline_1m/!miniTicker@arr/btcusdt@aggTrade")
        messages = read_until(ws, lambda m: is_closing(m, "BTCUSDT", MIDNIGHT + MINUTE_MS))
        ws.close()
    closing = messages[-1]["k"]
    tickers = [m[0] for m in messages if isinstance(m, list)]
    assert list(tickers[0]) == ["e", "E", "s", "c", "o", "h", "l", "v", "q", "ps", "st"]
    assert len(tickers) == 60
    assert tickers[-1]["c"] == closing["c"]
    trades = [m for m in messages if isinstance(m, dict) and m["e"] == "aggTrade"]
    assert list(trades[0]) == ["e", "E", "s", "a", "p", "q", "nq", "f", "l", "T", "m", "st"]
    assert sum(float(t["q"]) for t in trades) <= float(closing["v"])
    assert [t["a"] for t in trades] == sorted({t["a"] for t in trades})
