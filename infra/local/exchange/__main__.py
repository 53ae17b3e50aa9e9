"""`python -m infra.local.exchange`: open the market, listen, print READY, play until stopped."""

import asyncio
import io
import json
import signal
import sys
import time
from typing import TextIO

from signalengine.text.escaping import escaped

from .market.source import Source, SourceError
from .options import Options, open_market, read
from .server import Exchange

_REPORT_AFTER_S = 1.0
"""Loading that takes longer is reported on stderr."""


class Escaped(io.TextIOBase):
    """A text stream that escapes control characters, also those in tracebacks and usage errors."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        """Write the text; line ends stay."""
        self._out.write(escaped(text, keep="\n"))
        return len(text)

    def flush(self) -> None:
        """Flush the stream behind."""
        self._out.flush()


def main() -> int:
    """Run the exchange; returns the exit code."""
    sys.stderr = Escaped(sys.stderr)
    options = read(sys.argv[1:])
    began = time.monotonic()
    try:
        source = open_market(options, _notice)
    except SourceError as error:
        _notice(f"error: {error}")
        return 2
    if time.monotonic() - began > _REPORT_AFTER_S:
        _notice(f"market of {len(source.instruments)} symbols ready in "
                f"{time.monotonic() - began:.1f} s")  # fmt: skip
    try:
        asyncio.run(_run(source, options))
    except OSError as error:
        _notice(f"error: cannot listen on port {options.port}: {error}. Choose another --port.")
        return 2
    return 0


async def _run(source: Source, options: Options) -> None:
    exchange = Exchange(source, options.speed, options.updates)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    port = await exchange.start(options.port)
    ready = {
        "port": port, "start": source.start, "end": source.end,
        "symbols": list(source.instruments), "market": source.market,
        "control_token": exchange.token,
    }  # fmt: skip
    sys.stdout.write(f"READY {json.dumps(ready)}\n")
    sys.stdout.flush()
    broken, stopped = asyncio.create_task(exchange.broken()), asyncio.create_task(stop.wait())
    await asyncio.wait((broken, stopped), return_when=asyncio.FIRST_COMPLETED)
    try:
        if broken.done():
            broken.result()
    finally:
        broken.cancel()
        await exchange.stop()


def _notice(line: str) -> None:
    sys.stderr.write(f"exchange: {escaped(line)}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
