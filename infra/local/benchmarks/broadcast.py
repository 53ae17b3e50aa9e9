"""How long a message takes to many WebSocket clients: `python -m infra.local.benchmarks.broadcast`.

One shard is measured: post_messages' own code posts through botocore to a management API on this
machine that speaks TLS and answers after a fixed latency, from another process. On Lambda shards
run side by side, so the time to all clients is that of the parent, of starting the shards, of a
cold start, and of one shard. CPU time is measured for the posting process alone; where this
machine gives it less than a processor, the wall time is longer than on Lambda.
"""

import argparse
import asyncio
import json
import ssl
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from subprocess import run as run_program
from threading import Thread
from typing import Any, Final

from aiohttp import web
from botocore.session import get_session
from signalengine_aws.application.broadcast import CLIENTS_A_SHARD, Broadcast
from signalengine_aws.application.post_messages import PostMessages
from signalengine_aws.messaging.posters import to_event
from signalengine_aws.messaging.websockets import ApiSockets
from signalengine_aws.runtime import clients
from signalengine_aws.runtime.api_token import ApiTokenAuth
from signalengine_aws.stores.items.connections import ConnectionItem

from infra.local.operator_requests import new_token, only_this_machine
from machine.terminal import program

LATENCY_S: Final = 0.015
"""Of API Gateway's answer within a region (assumed)."""
COLD_START_S: Final = 1.2
START_S: Final = 0.05
"""Of one asynchronous invocation: the call, and until it runs (assumed)."""
PARENT_VCPU: Final = 512 / 1_769
"""Lambda's share of a processor for broadcast."""
SIZE_BYTES: Final = 1_600


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard's posts."""

    clients: int
    wall_s: float
    cpu_ms_a_post: float
    sent: int


class _NoTable:
    """The table of connections: nobody leaves."""

    def __init__(self, marks: dict[str, str]) -> None:
        self._marks = marks

    def open(self, connection_id: str) -> None: ...

    def resume(self, connection_id: str, mark: str) -> None: ...

    def remove(self, connection_id: str) -> None: ...

    def count(self) -> int:
        return len(self._marks)

    def all(self) -> dict[str, str]:
        return self._marks


class _NoSockets:
    """Nobody is posted to by the parent."""

    def post(self, connection_id: str, data: bytes) -> None: ...


class _Started:
    """Counts what is passed on, and makes its payloads."""

    def __init__(self) -> None:
        self.shards = 0

    def post(self, data: bytes, connection_ids: Any) -> None:
        json.dumps(to_event(data, connection_ids), separators=(",", ":")).encode()
        self.shards += 1


def main() -> int:
    """Measure, and print the result as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=10_000)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        management_api(Path(folder)) as address,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
    ):
        shard = pool.submit(post, address, str(Path(folder) / "cert.pem")).result()
    parent_s, shards = listed(options.clients)
    whole = parent_s / PARENT_VCPU + shards * START_S + COLD_START_S + shard.wall_s
    document = asdict(shard) | {
        "all_clients": options.clients,
        "shards": shards,
        "parent_cpu_s": round(parent_s, 3),
        "to_all_clients_s": round(whole, 2),
    }
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
    return 0


def listed(clients_in_all: int) -> tuple[float, int]:
    """Return the CPU time of the parent: items, marks and payloads; and the number of shards."""
    access = ApiTokenAuth(lambda: "a token")
    names = [f"L0SM9cOFvHc{number:05}" for number in range(clients_in_all)]
    rows: list[dict[str, Any]] = [
        {"bucket": {"S": "1"}, "connection_id": {"S": name}, "ttl": {"N": "1800000000"},
         "mark": {"S": access.admit(name, "a token")}, "next_resume_at": {"N": "1800000000000"}}
        for name in names
    ]  # fmt: skip
    begun = time.process_time()
    items = [ConnectionItem.from_raw_data(row) for row in rows]
    marks = {item.connection_id: item.mark or "" for item in items}
    table, started = _NoTable(marks), _Started()
    posting = PostMessages(connections=table, sockets=_NoSockets(), workers=1)
    parent = Broadcast(connections=table, posting=posting, posters=started, access=access)
    parent.broadcast({"kind": "status", "status": {"words": "x" * SIZE_BYTES, "paced": [0, 0]}})
    return time.process_time() - begun, started.shards


def post(address: str, certificate: str, number: int = CLIENTS_A_SHARD) -> Shard:
    """Post to one shard's clients; runs in a process of its own, as a function does."""
    client: Any = get_session().create_client(
        "apigatewaymanagementapi", region_name="ap-northeast-1", endpoint_url=address,
        aws_access_key_id="made", aws_secret_access_key="up",  # noqa: S106 - no secret
        verify=certificate or None, config=clients.POOLED,
    )  # fmt: skip
    posting = PostMessages(connections=_NoTable({}), sockets=ApiSockets(client))
    names = [f"L0SM9cOFvHc{n:05}" for n in range(number)]
    posting.post(b"x", names[:32])  # connections are made, as in a function that is warm
    begun, cpu = time.perf_counter(), time.process_time()
    posted = posting.post(b"x" * SIZE_BYTES, names)
    wall, used = time.perf_counter() - begun, time.process_time() - cpu
    return Shard(len(names), round(wall, 3), round(used / len(names) * 1000, 3), posted.sent)


@contextmanager
def management_api(folder: Path | None) -> Iterator[str]:
    """Answer posts after a latency, from a thread, over TLS with files in `folder`.

    Yields the address.
    """
    context = None if folder is None else certified(folder)
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(_app(), access_log=None)
    loop.run_until_complete(runner.setup())
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    loop.run_until_complete(site.start())
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    scheme = "http" if context is None else "https"
    try:
        yield f"{scheme}://localhost:{runner.addresses[0][1]}/live"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(runner.cleanup())
        loop.close()


def certified(folder: Path) -> ssl.SSLContext:
    """Return a context with a certificate of its own, which is made in `folder`."""
    run_program(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",  # noqa: S607
         "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def _app() -> web.Application:
    async def answer(request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(LATENCY_S)
        return web.Response()

    app = web.Application(middlewares=[only_this_machine(new_token())])
    app.router.add_post("/live/@connections/{id}", answer)
    return app


if __name__ == "__main__":
    program(main)
