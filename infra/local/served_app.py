"""An aiohttp application on a loopback port, in a thread, until a block ends."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import web

WAIT_S: Final = 60.0


@contextmanager
def served(app: web.Application) -> Iterator[int]:
    """Serve an application; yields its port. Raises RuntimeError when it does not start or end."""
    loop = asyncio.new_event_loop()
    ports: list[int] = []
    listening, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ports.append(int(runner.addresses[0][1]))
        listening.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    if not listening.wait(WAIT_S):
        raise RuntimeError("the application does not start")
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(WAIT_S)
        if thread.is_alive():
            raise RuntimeError("the application does not end")
        loop.close()
