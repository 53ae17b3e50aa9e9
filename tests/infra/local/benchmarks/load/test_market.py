"""The synthetic market: REST answers and streams of every symbol."""

import asyncio
import itertools
import json

import aiohttp

from infra.local.benchmarks.load.market import Market, symbols


def test_a_client_gets_history_and_forming_klines() -> None:
    async def run() -> tuple[list[list[object]], dict[str, object]]:
        market = Market(2)
        await market.start()
        try:
            base = f"http://127.0.0.1:{market.port}"
            async with aiohttp.ClientSession() as session:
                query = {"symbol": "L000USDT", "interval": "5m", "limit": "3"}
                async with session.get(f"{base}/fapi/v1/klines", params=query) as answer:
                    rows = await answer.json()
                async with session.ws_connect(f"{base}/market/stream") as ws:
                    names = [f"{name.lower()}@kline_1m" for name in symbols(2)]
                    await ws.send_json({"method": "SUBSCRIBE", "params": names, "id": 1})
                    assert await ws.receive_json() == {"result": None, "id": 1}
                    return rows, json.loads((await ws.receive()).data)
        finally:
            await market.stop()

    rows, frame = asyncio.run(asyncio.wait_for(run(), 30.0))
    opens = [int(str(row[0])) for row in rows]
    assert [after - before for before, after in itertools.pairwise(opens)] == [300_000] * 2
    assert frame["stream"] in ("l000usdt@kline_1m", "l001usdt@kline_1m")
