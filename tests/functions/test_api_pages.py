"""Lists of the API, page by page."""

from typing import Any

import pytest

from tests.functions.api_requests import ask
from tests.functions.conftest import Seeded


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
