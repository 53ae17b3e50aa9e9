"""Lists of the API, page by page."""

from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from signalengine.intervals import MINUTE_MS
from signalengine_aws.stores.gaps import DynamoGaps
from signalengine_aws.stores.log.entry import deflated, unpack_bar
from signalengine_aws.stores.strategies import CLASSIC

from tests.aws.market import gap
from tests.aws.positions import T
from tests.aws.world import World, storable
from tests.functions.api_requests import ask
from tests.functions.conftest import Seeded, forget_processes


def whole(path: str, name: str, query: dict[str, str]) -> list[Any]:
    """All rows of a list, page by page."""
    rows: list[Any] = []
    cursor: dict[str, str] = {}
    for _ in range(400):
        body = ask(path, {**query, **cursor}).body
        assert body["count"] == len(body[name]) <= int(query["limit"])
        rows += body[name]
        if body["cursor"] is None:
            return rows
        cursor = {"cursor": body["cursor"]}
    raise AssertionError("the list has no end")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "name", "query", "limit"),
    [
        ("/signals", "signals", {"from": "2025-05-10"}, "4"),
        ("/signals", "signals", {"from": "2025-05-10", "status": "tp_hit"}, "3"),
        ("/signals", "signals", {"symbol": "BTCUSDT"}, "3"),
        ("/decisions", "decisions", {}, "5"),
        ("/decisions", "decisions", {"symbol": "ETHUSDT", "verdict": "below_threshold"}, "2"),
        ("/events", "events", {}, "7"),
        ("/events", "events", {"type": "vwap_reclaim"}, "1"),
        ("/events", "events", {"symbol": "BTCUSDT"}, "2"),
    ],
)
def test_small_pages_are_the_large_one(
    seeded: Seeded, path: str, name: str, query: dict[str, str], limit: str
) -> None:
    large = whole(path, name, {**query, "limit": "200"})
    assert large
    assert whole(path, name, {**query, "limit": limit}) == large
    times = [row["close_time"] for row in large]
    assert times == sorted(times, reverse=True)


def test_bars_come_oldest_first_from_either_end(seeded: Seeded) -> None:
    def bars(**query: str) -> list[Any]:
        found: list[Any] = ask("/bars", {"symbol": "BTCUSDT", **query}).body["bars"]
        return found

    every = bars(limit="1500")
    assert len(every) == 120
    assert [row[0] for row in every] == sorted(row[0] for row in every)
    assert bars(limit="3") == every[-3:]
    assert bars(limit="3", **{"from": str(every[5][0])}) == every[5:8]
    assert bars(**{"from": str(every[5][0]), "to": str(every[7][0])}) == every[5:7]
    assert bars(to=str(every[4][0]), limit="2") == every[2:4]
    assert len(bars(interval="5m")) == 24
    assert len(bars(interval="1h")) == 2


@contextmanager
def broken(world: World, variable: str, number: int, attribute: str = "body") -> Iterator[None]:
    """Let an item be one that another version has stored: a field that is needed is not there."""
    table, row = variable.lower(), storable(world.rows(variable)[number])
    foreign = {"B": deflated([9])} if "data" in row else {"S": '{"v": 9}'}
    world.dynamodb.put_item(TableName=table, Item={**row, attribute: foreign})
    yield
    world.dynamodb.put_item(TableName=table, Item=row)


@pytest.mark.parametrize(
    ("path", "rows", "query", "table", "attribute"),
    [
        ("/signals", "signals", {"from": "2025-04-01", "limit": "200"}, "SIGNALS_TABLE", "opening"),
        ("/signals", "signals", {"symbol": "BTCUSDT"}, "SIGNALS_TABLE", "opening"),
        ("/decisions", "decisions", {"limit": "200"}, "DECISIONS_TABLE", "body"),
        ("/events", "events", {"limit": "200"}, "EVENTS_TABLE", "body"),
        ("/events/stats", "total", {}, "EVENTS_TABLE", "body"),
        ("/bars", "bars", {"symbol": "BTCUSDT", "interval": "15m"}, "BARS_TABLE", "data"),
        ("/performance", "n", {"days": "90"}, "SIGNALS_TABLE", "result"),
        ("/performance", "n", {"days": "90", "symbol": "BTCUSDT"}, "SIGNALS_TABLE", "result"),
    ],
)
def test_an_item_of_another_version_is_passed_over_and_counted(
    seeded: Seeded, path: str, rows: str, query: dict[str, str], table: str, attribute: str
) -> None:
    def size(body: dict[str, Any]) -> int:
        return len(body[rows]) if isinstance(body[rows], list) else int(body[rows])

    forget_processes()  # it caches a month's closed signals
    every = ask(path, query).body
    number = next(
        n for n, row in enumerate(seeded.world.rows(table)) if attribute in row and of(row, query)
    )
    with broken(seeded.world, table, number, attribute):
        forget_processes()
        answer = ask(path, query)
    assert answer.status == 200
    assert (every["unreadable"], answer.body["unreadable"]) == (0, 1)
    assert 0 < size(answer.body) < size(every)


def of(row: dict[str, Any], query: dict[str, str]) -> bool:
    """Whether an item is among those of a request."""
    series = row["series"]["S"]
    if series == "0#15m":
        return unpack_bar(b64decode(row["data"]["B"]), "BTCUSDT", "15m") is not None
    return bool(series == CLASSIC.key(query.get("symbol", "BTCUSDT")))


def test_an_open_signal_of_another_version_is_counted(seeded: Seeded) -> None:
    rows = seeded.world.rows("SIGNALS_TABLE")
    number = next(n for n, row in enumerate(rows) if "open" in row)
    with broken(seeded.world, "SIGNALS_TABLE", number, "opening"):
        body = ask("/signals", {"status": "open"}).body
    assert (body["unreadable"], body["count"]) == (1, len(seeded.signals) - 1)


def test_a_signal_s_details_are_shown_without_the_parts_of_another_version(seeded: Seeded) -> None:
    """And a signal that cannot be read itself is not found, which is no error of the server."""
    one = seeded.signals[0]
    at = str(one.close_time)
    with (
        broken(seeded.world, "DECISIONS_TABLE", number_of(seeded, "DECISIONS_TABLE", at)),
        broken(seeded.world, "EVENTS_TABLE", number_of(seeded, "EVENTS_TABLE", at)),
    ):
        answer = ask(f"/signals/{one.signal_id}")
    assert answer.status == 200
    assert (answer.body["decision"], answer.body["features"]) == (None, {})
    rows = seeded.world.rows("SIGNALS_TABLE")
    number = next(n for n, row in enumerate(rows) if row["signal_id"]["S"] == one.signal_id)
    with broken(seeded.world, "SIGNALS_TABLE", number, "opening"):
        assert ask(f"/signals/{one.signal_id}").status == 404


def number_of(seeded: Seeded, table: str, close_time: str) -> int:
    """The item of the first opened signal's close."""
    symbol = seeded.signals[0].symbol
    rows = seeded.world.rows(table)
    return next(
        n for n, row in enumerate(rows)
        if (row["series"]["S"], row["close_time"]["N"]) == (CLASSIC.key(symbol), close_time)
    )  # fmt: skip


def test_a_receipt_of_another_version_is_left_out(seeded: Seeded) -> None:
    row = next(row for row in seeded.world.rows("DELIVERIES_TABLE") if "status" in row)
    number = seeded.world.rows("DELIVERIES_TABLE").index(row)
    signal_id = row["event_id"]["S"].partition("#")[0]
    assert len(ask(f"/signals/{signal_id}").body["receipts"]) == 1
    with broken(seeded.world, "DELIVERIES_TABLE", number, "status"):
        answer, system = ask(f"/signals/{signal_id}"), ask("/system")
    assert (answer.status, answer.body["receipts"], system.status) == (200, [], 200)


def test_gaps_of_another_version_end_no_list_and_are_counted(seeded: Seeded) -> None:
    DynamoGaps("gaps_table").put([gap(T + n * MINUTE_MS) for n in range(3)])
    rows = seeded.world.rows("GAPS_TABLE")
    newest = max(range(3), key=lambda n: rows[n]["gap_id"]["S"])
    day = {"day": "2025-05-19", "limit": "1"}
    with broken(seeded.world, "GAPS_TABLE", newest):
        pages = [ask("/gaps", day).body]
        while pages[-1]["cursor"]:
            pages.append(ask("/gaps", {**day, "cursor": pages[-1]["cursor"]}).body)
        assert ask("/health").status == 200
    assert [page["count"] for page in pages] == [0, 1, 1]
    assert [page["unreadable"] for page in pages] == [1, 0, 0]
