"""The pace limits how far a playback runs ahead."""

import asyncio

from infra.local.exchange.playback.pace import Pace


def test_without_a_limit_every_minute_may_be_played() -> None:
    asyncio.run(asyncio.wait_for(Pace().reach(10**15), 5.0))


def test_a_minute_at_the_limit_waits_until_the_limit_moves() -> None:
    async def play() -> list[str]:
        pace, order = Pace(), list[str]()
        pace.allow_until(60_000)
        await pace.reach(59_999)

        async def wait() -> None:
            await pace.reach(60_000)
            order.append("played")

        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        order.append("moved")
        pace.allow_until(60_001)
        await asyncio.wait_for(waiting, 5.0)
        return order

    assert asyncio.run(play()) == ["moved", "played"]
