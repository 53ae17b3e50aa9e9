"""The REST side, met by a real client."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.exchange.market.bars import MINUTE_MS
from research.data.loader import bulk_download_klines, bulk_download_open_interest, load
from research.features.builder import FeatureBuilder
from tests.infra.local.exchange.samples import (
    MIDNIGHT,
    Server,
    is_closing,
    read_until,
    served,
    simulated,
    two_symbols,
)

HOUR_MS = 60 * MINUTE_MS


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two recorded symbols with two hours of history; without a subscriber the clock stands."""
    with served(two_symbols(tmp_path_factory.mktemp("recordings"))) as running:
        yield running


@pytest.fixture(scope="module")
def simulation() -> Iterator[Server]:
    """A simulated symbol, played four minutes and a bit."""
    with served(simulated("BTCUSDT,ETHUSDT")) as running:
        ws = running.connect("/market/ws/ethusdt@kline_1m")
        read_until(ws, lambda m: is_closing(m, "ETHUSDT", MIDNIGHT + 4 * MINUTE_MS))
        ws.close()
        running.until(lambda status: status["state"] == "waiting")
        yield running


def klines(server: Server, **parameters: Any) -> list[list[Any]]:
    answer = server.get("/fapi/v1/klines", **parameters)
    assert answer.status_code == 200, answer.text
    rows: list[list[Any]] = answer.json()
    return rows


def test_the_simple_endpoints(server: Server) -> None:
    assert server.get("/fapi/v1/ping").json() == {}
    assert server.get("/fapi/v1/time").json() == {"serverTime": MIDNIGHT}
    info = server.get("/fapi/v1/exchangeInfo").json()
    coins = [entry for entry in info["symbols"] if (entry["contractType"], entry["underlyingType"],
             entry["status"]) == ("PERPETUAL", "COIN", "TRADING")]  # fmt: skip
    assert [entry["symbol"] for entry in coins] == ["AAAUSDT", "BBBUSDT"]
    kinds = {entry["contractType"] for entry in info["symbols"]}
    assert kinds == {"PERPETUAL", "TRADIFI_PERPETUAL", "CURRENT_QUARTER"}
    assert info["rateLimits"][0] == {
        "rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400,
    }  # fmt: skip


def test_klines_are_the_past_oldest_first(server: Server) -> None:
    rows = klines(server, symbol="AAAUSDT", interval="1m")
    assert [row[0] for row in rows] == [*range(MIDNIGHT - 2 * HOUR_MS, MIDNIGHT, MINUTE_MS)]
    assert [float(value) for value in rows[0]] == [
        MIDNIGHT - 2 * HOUR_MS, 100.0, 100.5, 99.8, 100.3, 10.0,
        MIDNIGHT - 2 * HOUR_MS + 59_999, 1_000.0, 42, 4.5, 450.0, 0.0,
    ]  # fmt: skip
    types = [int, str, str, str, str, str, int, str, int, str, str, str]
    assert [type(value) for value in rows[0]] == types


@pytest.mark.parametrize(
    ("parameters", "first", "count"),
    [
        ({"limit": 10}, -10, 10),
        ({"startTime": MIDNIGHT - 30 * MINUTE_MS, "limit": 10}, -30, 10),
        ({"startTime": MIDNIGHT - 30 * MINUTE_MS - 1, "limit": 10}, -30, 10),
        ({"endTime": MIDNIGHT - 30 * MINUTE_MS, "limit": 10}, -39, 10),
        ({"startTime": MIDNIGHT - 5 * MINUTE_MS, "endTime": MIDNIGHT - 3 * MINUTE_MS}, -5, 3),
        ({"startTime": MIDNIGHT - 5 * MINUTE_MS}, -5, 5),
        ({"startTime": MIDNIGHT + HOUR_MS}, 0, 0),
    ],
)
def test_klines_between_times(
    server: Server, parameters: dict[str, int], first: int, count: int
) -> None:
    rows = klines(server, symbol="AAAUSDT", interval="1m", **parameters)
    start = MIDNIGHT + first * MINUTE_MS
    assert [row[0] for row in rows] == [*range(start, start + count * MINUTE_MS, MINUTE_MS)]


@pytest.mark.parametrize(("interval", "count"), [("5m", 24), ("15m", 8), ("1h", 2), ("4h", 1)])
def test_longer_klines_are_made_of_the_minutes(server: Server, interval: str, count: int) -> None:
    minutes = klines(server, symbol="BBBUSDT", interval="1m")
    rows = klines(server, symbol="BBBUSDT", interval=interval)
    assert len(rows) == count
    for row in rows:
        inside = [m for m in minutes if row[0] <= m[0] <= row[6]]
        assert (row[1], row[4]) == (inside[0][1], inside[-1][4])
        assert float(row[2]) == max(float(m[2]) for m in inside)
        assert float(row[3]) == min(float(m[3]) for m in inside)
        assert float(row[5]) == pytest.approx(sum(float(m[5]) for m in inside), abs=1e-9)
        assert row[8] == sum(m[8] for m in inside)


def test_klines_of_the_socket_and_of_rest_are_equal(simulation: Server) -> None:
    rows = klines(simulation, symbol="ETHUSDT", interval="1m", startTime=MIDNIGHT)
    assert [row[0] for row in rows][:4] == [MIDNIGHT + n * MINUTE_MS for n in range(4)]
    now = simulation.get("/fapi/v1/time").json()["serverTime"]
    assert all(row[6] < now for row in rows), "no bar is open when the minute has just ended"
    forming = klines(simulation, symbol="ETHUSDT", interval="1h", limit=1)[0]
    assert forming[0] == MIDNIGHT
    assert forming[6] > now
    assert (forming[1], forming[4]) == (rows[0][1], rows[-1][4])


@pytest.mark.parametrize(
    ("path", "parameters", "code", "message"),
    [
        ("klines", {"interval": "1m"}, -1102,
         "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."),
        ("klines", {"symbol": "AAAUSDT"}, -1102,
         "Mandatory parameter 'interval' was not sent, was empty/null, or malformed."),
        ("klines", {"symbol": "aaausdt", "interval": "1m"}, -1121, "Invalid symbol."),
        ("klines", {"symbol": "ZZZUSDT", "interval": "1m"}, -1121, "Invalid symbol."),
        ("klines", {"symbol": "AAAUSDT", "interval": "7m"}, -1120, "Invalid interval."),
        ("klines", {"symbol": "AAAUSDT", "interval": "1m", "limit": 1501}, -1130,
         "Data sent for parameter 'limit' is not valid."),
        ("klines", {"symbol": "AAAUSDT", "interval": "1m", "limit": 0}, -1130,
         "Data sent for parameter 'limit' is not valid."),
        ("klines", {"symbol": "AAAUSDT", "interval": "1m", "limit": "ten"}, -1100,
         "Illegal characters found in parameter 'limit'; legal range is '^[0-9]{1,20}$'."),
        ("klines", {"symbol": "AAAUSDT", "interval": "1m", "startTime": 2, "endTime": 1}, -1023,
         "Start time is greater than end time."),
        ("openInterest", {}, -1102,
         "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."),
        ("openInterest", {"symbol": "AAAUSDT"}, -4108,
         "Symbol is on delivering or delivered or settling or closed or pre-trading."),
        ("premiumIndex", {"symbol": "X"}, -1121, "Invalid symbol."),
        ("fundingRate", {"limit": 1001}, -1130, "Data sent for parameter 'limit' is not valid."),
        ("ticker/24hr", {"symbol": "X"}, -1121, "Invalid symbol."),
    ],
)  # fmt: skip
def test_bad_requests_are_refused_in_binances_words(
    server: Server, path: str, parameters: dict[str, Any], code: int, message: str
) -> None:
    answer = server.get(f"/fapi/v1/{path}", **parameters)
    assert answer.status_code == 400
    assert answer.json() == {"code": code, "msg": message}


def test_an_unknown_path_is_refused(server: Server) -> None:
    answer = server.get("/fapi/v1/orders")
    assert answer.status_code == 404
    assert answer.json() == {"code": -5000, "msg": "Path /fapi/v1/orders, Method GET is invalid"}


def test_open_interest_is_as_of_the_exchanges_clock(simulation: Server) -> None:
    answer = simulation.get("/fapi/v1/openInterest", symbol="BTCUSDT").json()
    assert set(answer) == {"openInterest", "symbol", "time"}
    assert answer["time"] == simulation.status()["now"]
    assert float(answer["openInterest"]) > 0


def test_open_interest_history_is_stamped_at_the_ends_of_periods(simulation: Server) -> None:
    path = "/futures/data/openInterestHist"
    rows = simulation.get(path, symbol="BTCUSDT", period="15m", limit=5).json()
    stamps = [row["timestamp"] for row in rows]
    assert stamps == [MIDNIGHT - n * 15 * MINUTE_MS for n in (4, 3, 2, 1, 0)]
    assert all(float(r["sumOpenInterestValue"]) > float(r["sumOpenInterest"]) for r in rows)
    since = simulation.get(
        path, symbol="BTCUSDT", period="5m", startTime=MIDNIGHT - HOUR_MS, limit=2
    ).json()
    assert [row["timestamp"] for row in since] == [MIDNIGHT - HOUR_MS, MIDNIGHT - 55 * MINUTE_MS]


def test_open_interest_history_reaches_a_month_back(simulation: Server) -> None:
    answer = simulation.get(
        "/futures/data/openInterestHist",
        symbol="BTCUSDT", period="5m", startTime=MIDNIGHT - 32 * 24 * HOUR_MS,
    )  # fmt: skip
    assert answer.status_code == 400
    assert answer.json()["code"] == -1130
    assert simulation.get(
        "/futures/data/openInterestHist", symbol="BTCUSDT", period="7m"
    ).json() == {"code": -1130, "msg": "Data sent for parameter 'period' is not valid."}


def test_open_interest_history_of_a_recording_without_it_is_empty(server: Server) -> None:
    path = "/futures/data/openInterestHist"
    assert server.get(path, symbol="AAAUSDT", period="5m").json() == []


def test_open_interest_at_the_ends_of_minutes_does_not_depend_on_the_request(
    simulation: Server,
) -> None:
    span = {"startTime": MIDNIGHT, "endTime": MIDNIGHT + HOUR_MS}
    rows = simulation.get("/_local/openInterest", **span).json()
    now = simulation.get("/fapi/v1/time").json()["serverTime"]
    ends = [*range(MIDNIGHT, now + 1, MINUTE_MS)]
    assert len(ends) >= 5, "nothing is published before its event time"
    for symbol in ("BTCUSDT", "ETHUSDT"):
        assert [row["timestamp"] for row in rows if row["symbol"] == symbol] == ends
        steps = simulation.exchange.state._interests[symbol]
        apply = [float(row["sumOpenInterest"]) for row in rows if row["symbol"] == symbol]
        assert apply == [steps.as_of(end) for end in ends]
    assert simulation.get("/_local/openInterest", startTime=MIDNIGHT).status_code == 400
    assert simulation.get("/_local/openInterest", startTime="x", endTime=1).status_code == 400


def test_premium_index_and_fundings(simulation: Server) -> None:
    one = simulation.get("/fapi/v1/premiumIndex", symbol="BTCUSDT").json()
    assert one["nextFundingTime"] == MIDNIGHT + 8 * HOUR_MS
    assert abs(float(one["markPrice"]) / float(one["indexPrice"]) - 1) < 0.01
    both = simulation.get("/fapi/v1/premiumIndex").json()
    assert [row["symbol"] for row in both] == ["BTCUSDT", "ETHUSDT"]
    rates = simulation.get("/fapi/v1/fundingRate", symbol="BTCUSDT").json()
    assert [row["fundingTime"] for row in rates][-1] == MIDNIGHT
    assert rates[-1]["rateType"] == "Regular"
    later = simulation.get("/fapi/v1/fundingRate", symbol="BTCUSDT", startTime=MIDNIGHT + 1)
    assert later.json() == []
    info = simulation.get("/fapi/v1/fundingInfo").json()
    assert {row["fundingIntervalHours"] for row in info} == {8}


def test_without_known_funding_its_fields_are_empty(server: Server) -> None:
    one = server.get("/fapi/v1/premiumIndex", symbol="AAAUSDT").json()
    assert (one["lastFundingRate"], one["nextFundingTime"]) == ("", 0)
    assert float(one["markPrice"]) > 0
    assert server.get("/fapi/v1/fundingRate", symbol="AAAUSDT").json() == []


def test_the_ticker_is_the_last_day(simulation: Server) -> None:
    one = simulation.get("/fapi/v1/ticker/24hr", symbol="ETHUSDT").json()
    minutes = klines(simulation, symbol="ETHUSDT", interval="1m", limit=1500)
    assert one["lastPrice"] == minutes[-1][4]
    assert float(one["highPrice"]) == max(float(row[2]) for row in minutes)
    assert one["count"] == sum(row[8] for row in minutes)
    rows = simulation.get("/fapi/v1/ticker/24hr").json()
    assert [row["symbol"] for row in rows][:2] == ["BTCUSDT", "ETHUSDT"]
    by_turnover = max(rows, key=lambda row: float(row["quoteVolume"]))
    assert by_turnover["symbol"] == "TSLAUSDT"  # who takes the first ones takes no coins


def test_weights_add_up_and_are_reported(tmp_path: Path) -> None:
    with served(two_symbols(tmp_path)) as server:
        apply = []
        for path, parameters in (
            ("ping", {}),
            ("klines", {"symbol": "AAAUSDT", "interval": "1m", "limit": 99}),
            ("klines", {"symbol": "AAAUSDT", "interval": "1m", "limit": 499}),
            ("klines", {"symbol": "AAAUSDT", "interval": "1m"}),
            ("klines", {"symbol": "AAAUSDT", "interval": "1m", "limit": 1500}),
            ("premiumIndex", {"symbol": "AAAUSDT"}),
            ("premiumIndex", {}),
            ("ticker/24hr", {}),
            ("fundingRate", {}),
            ("openInterest", {"symbol": "AAAUSDT"}),
        ):
            answer = server.get(f"/fapi/v1/{path}", **parameters)
            apply.append(int(answer.headers["X-MBX-USED-WEIGHT-1M"]))
    costs = [after - before for before, after in zip([0, *apply], apply, strict=False)]
    assert costs == [1, 1, 2, 5, 10, 1, 10, 40, 0, 1]


def test_too_many_requests_are_refused(tmp_path: Path) -> None:
    with served(two_symbols(tmp_path)) as server:
        codes = [server.get("/fapi/v1/ticker/24hr").status_code for _ in range(61)]
        assert codes[:60] == [200] * 60
        refused = server.get("/fapi/v1/time")
        assert refused.status_code == 429
        assert refused.json()["code"] == -1003


def test_a_research_download_of_any_interval_is_read_from_it(
    simulation: Server, tmp_path: Path
) -> None:
    """As docs/research.md prints the calls, with source='rest'; the bars are those of minutes."""
    where: Any = {"source": "rest", "folder": tmp_path, "base_url": simulation.url("")}
    for interval in ("1m", "5m", "1h"):
        asyncio.run(bulk_download_klines("BTCUSDT", interval, days=1, **where))
    asyncio.run(bulk_download_open_interest("BTCUSDT", "5m", days=1, **where))
    minutes = load(tmp_path, "BTCUSDT")
    assert minutes.open_interest is not None
    for interval in ("5m", "1h"):
        longer = load(tmp_path, "BTCUSDT", interval=interval)
        there = longer.open_time >= minutes.open_time[0]
        made = minutes.resample(interval)
        assert longer.close[there].tolist() == made.close[: there.sum()].tolist()
    frame = FeatureBuilder(load(tmp_path, "BTCUSDT", interval="5m")).build_features("BTCUSDT")
    assert frame["rsi"].notna().any()
