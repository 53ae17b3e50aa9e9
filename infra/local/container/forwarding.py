"""Forwards TCP connections from all interfaces of a container to the system on its loopback.

The system accepts the host `localhost` only there, so a published port is safe from rebound names.
"""

import asyncio
import socket
import threading
from contextlib import closing, suppress
from typing import Final

CHUNK: Final = 65_536


class Forwarder:
    """Listens from its start on; a connection ends at once while nobody answers behind it."""

    def __init__(self, host: str, port: int, target: int) -> None:
        """`target`: the port on this loopback; `port` 0 is a free one."""
        self._listening = socket.create_server((host, port))
        self.port = int(self._listening.getsockname()[1])
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="forwarder", daemon=True)

    def start(self) -> None:
        """Begin to accept connections."""
        self._thread.start()

    def stop(self) -> None:
        """End, with all connections."""
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        async with await asyncio.start_server(self._forward, sock=self._listening):
            await self._end.wait()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(OSError):
            there = await asyncio.open_connection("127.0.0.1", self._target)
            with closing(there[1]):
                await asyncio.gather(_pipe(reader, there[1]), _pipe(there[0], writer))


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
