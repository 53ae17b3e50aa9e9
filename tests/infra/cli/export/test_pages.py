"""Exports through the real API: what it pages out is what is stored, each row once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from signalengine.facts.stream import Bar
from signalengine.intervals import DAY_MS, INTERVAL_MS
from signalengine.signals import public
from signalengine_aws.stores.bars import DynamoBars
from signalengine_aws.stores.decisions import DynamoDecisionLog
from signalengine_aws.stores.events import DynamoEventLog
from signalengine_aws.stores.pagination import EVER
from signalengine_aws.stores.signals import DynamoSignals

from infra.cli.export.pages import BARS_PAGE
from tests.aws.world import emptied, new_world
from tests.functions.api_requests import ask
from tests.functions.conftest import forget_processes
from tests.functions.seeded_tables import live
from tests.infra.cli.export.memory_api import MemoryApi
from tests.infra.cli.export.test_run import rows_of

SYMBOLS = ("BTCUSDT", "ETHUSDT")


class RealApi(MemoryApi):
    """The API's own function on tables in memory."""

    def get(self, path: str, **given: Any) -> Any:
        self.requests += 1
        answer = ask(path, {name: str(one) for name, one in given.items() if one is not None})
        assert answer.status == 200, answer.text
        return answer.body


@pytest.fixture(scope="module")
def api() -> Iterator[RealApi]:
    with new_world() as world, pytest.MonkeyPatch.context() as patch, emptied(world, patch):
        forget_processes()
        live(world)
        yield RealApi()
        forget_processes()


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("infra.cli.export.pages.LIST_PAGE", 7)


def test_signals_are_those_of_the_table(api: RealApi, tmp_path: Path) -> None:
    table = DynamoSignals("signals_table")
    stored = [
        row.signal
        for symbol in SYMBOLS
        for _, row in table.of_symbol(symbol, EVER, None, 1_000).rows
    ]
    rows = rows_of(api, tmp_path)
    assert len(rows) == len(stored) > 40
    expected = {one.signal_id: public(one) for one in stored}
    for row in rows:
        raw = expected.pop(row["id"])
        assert {name: row[name] for name in raw if name in row} == {
            name: raw[name] for name in raw if name in row
        }
        assert set(raw) - set(row) <= {"touched_at", "cost_pct", "settled_at"}


def test_events_are_those_of_the_table_in_the_order_of_detection(
    api: RealApi, tmp_path: Path
) -> None:
    log = DynamoEventLog("events_table")
    stored = sorted(
        (one.close_time, one.symbol, number, event.kind, event.strength)
        for symbol in SYMBOLS
        for _, one in log.of_symbol(symbol, EVER, None, 1_000).rows
        for number, event in enumerate(one.events)
    )
    every = rows_of(api, tmp_path, "events")
    found = [
        (row["close_time"], row["symbol"], row["event_type"], row["strength"]) for row in every
    ]
    assert found == [(time, symbol, kind, much) for time, symbol, _, kind, much in stored]
    assert max(number for _, _, number, _, _ in stored) > 0
    times = sorted({row["close_time"] for row in every})
    period = {"start": str(times[3]), "end": str(times[-3])}
    some = rows_of(api, tmp_path, "events", symbols="eth", **period)
    assert some == [
        row
        for row in every
        if row["symbol"] == "ETHUSDT" and times[3] <= row["close_time"] < times[-3]
    ]


def test_decisions_are_those_of_the_table(api: RealApi, tmp_path: Path) -> None:
    log = DynamoDecisionLog("decisions_table")
    stored = sorted(
        (one.close_time, one.symbol, one.verdict.value)
        for symbol in SYMBOLS
        for _, one in log.of_symbol(symbol, EVER, None, 1_000).rows
    )
    rows = rows_of(api, tmp_path, "decisions")
    assert [(row["close_time"], row["symbol"], row["verdict"]) for row in rows] == stored
    assert all(row["long_score"] == row["scores"]["long"]["score"] for row in rows)


@pytest.mark.parametrize("interval", ["1m", "5m", "1h"])
def test_bars_are_those_of_the_log(
    interval: str, api: RealApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = {symbol: bars(symbol, interval) for symbol in SYMBOLS}
    rows = rows_of(api, tmp_path, "bars", interval=interval)
    found = [(row["symbol"], row["open_time"], row["close"], row["volume"]) for row in rows]
    assert found == [
        (symbol, bar.open_time, bar.close, bar.volume)
        for symbol in SYMBOLS
        for bar in stored[symbol]
    ]
    if interval == "1m":
        assert len(found) > 100
    monkeypatch.setattr("infra.cli.export.pages.BARS_PAGE", 13)
    assert rows_of(api, tmp_path, "bars", interval=interval) == rows


def bars(symbol: str, interval: str) -> list[Bar]:
    """The stored bars of the days that are exported."""
    log = DynamoBars("bars_table", "state_table")
    found, _ = log.candles(symbol, interval, EVER, BARS_PAGE * 10, newest=False)
    newest = max(bar.open_time + INTERVAL_MS[interval] for bar in found)
    return [bar for bar in found if bar.open_time >= newest - 35 * DAY_MS]


def test_performance_is_that_of_the_api(api: RealApi, tmp_path: Path) -> None:
    rows = rows_of(api, tmp_path, "performance")
    found = api.get("/performance/stats")
    assert [row["symbol"] for row in rows] == sorted(found)
    for row in rows:
        raw = found[row["symbol"]]
        assert {name: row[name] for name in raw} == raw
        assert row["market"] == "live"
