"""The small stack of the benchmark: pages of signals, the built site, a feed with prices."""

import json
from pathlib import Path

import pytest
import requests
import websocket

from infra.local.benchmarks.page.rows import OPEN, rows, served
from tests.infra.local.front.behind import PAGE

FEW = 12
sockets = pytest.mark.flaky(reruns=1)


def test_the_newest_signals_are_open_and_all_others_closed() -> None:
    found = rows(FEW)
    times = [row["close_time"] for row in found]
    assert times == sorted(times, reverse=True)
    assert [row["status"] == "open" for row in found] == [True] * OPEN + [False] * (FEW - OPEN)
    assert len({row["id"] for row in found}) == FEW


@sockets
def test_pages_end_with_the_last_signal_and_the_feed_has_the_prices_of_open_ones(
    tmp_path: Path,
) -> None:
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    found = rows(FEW)
    with served(tmp_path, found) as address:
        first = requests.get(f"{address}/api/signals?limit=10", timeout=20).json()
        rest = requests.get(
            f"{address}/api/signals?limit=10&cursor={first['cursor']}", timeout=20
        ).json()
        page = requests.get(f"{address}/signals", headers={"Accept": "text/html"}, timeout=20)
        socket = websocket.create_connection(address.replace("http", "ws", 1) + "/ws/feed")
        socket.settimeout(20)
        socket.send(json.dumps({"action": "resume", "since": None}))
        messages = [json.loads(socket.recv()) for _ in range(3)]
        socket.close()
    assert [row["id"] for row in first["signals"] + rest["signals"]] == [row["id"] for row in found]
    assert (rest["cursor"], page.text) == (None, PAGE)
    (prices,) = {tuple(one["data"]["prices"]) for one in messages if "prices" in one["data"]}
    assert set(prices) == {row["symbol"] for row in found[:OPEN]}
    assert "connected" in {one["type"] for one in messages}
