"""`python -m infra.local.channels --port P`: run the stand-ins until SIGTERM or Ctrl-C.

Prints `READY {"port", "control_token", "destinations", "smtp_port"}` when it listens: the
operator's token, a destination of each channel, all new in each run, and the mail server's port.
"""

import argparse
import asyncio
import json
import signal
import sys
from contextlib import suppress

from aiohttp import web

from .server import ChannelServer, services
from .smtp import MailServer


def main() -> None:
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(_arguments()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local.channels", description=__doc__)
    parser.add_argument("--port", type=int, default=8082, help="0 takes a free one")
    parser.add_argument("--rate-limit", action="store_true", help="enforce the limits (429)")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> None:
    server = ChannelServer(services(limited=arguments.rate_limit))
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    mail = MailServer(server.faults, server.arrivals)
    try:
        await web.TCPSite(runner, "127.0.0.1", arguments.port).start()
        smtp_port = await mail.start()
    except OSError as error:
        await runner.cleanup()
        sys.exit(f"port {arguments.port} cannot be used ({error.strerror}): choose another --port")
    ready = {
        "port": int(runner.addresses[0][1]), "control_token": server.token,
        "destinations": server.destinations, "smtp_port": smtp_port,
    }  # fmt: skip
    sys.stdout.write(f"READY {json.dumps(ready)}\n")
    sys.stdout.flush()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    await mail.stop()
    await runner.cleanup()


if __name__ == "__main__":
    main()
