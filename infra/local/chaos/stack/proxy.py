"""A proxy between the functions or the ingest task and the embedded AWS.

Each request is forwarded as it came, its Host too, which the signature covers; or one of the
faults that wait for it (`call_faults`) disturbs it. aiohttp, which the local servers use already:
a proxy that runs as a process of its own (toxiproxy) or decrypts and scripts (mitmproxy) would be
another program to install, and neither tells one AWS operation from another.
"""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import ClientSession, ClientTimeout, TCPConnector, web
from multidict import CIMultiDict
from yarl import URL

from .call_faults import AFTER, KILLS, CallFault, CallFaults, operation_of

HOST: Final = "127.0.0.1"
HOLD_S: Final = 30.0
"""How long a call that times out is held: longer than any client of the product waits."""
_START_S: Final = 15.0
_MAX_BYTES: Final = 64 << 20
_FRAMING: Final = ("connection", "content-length", "keep-alive", "transfer-encoding")
"""Headers of one connection, which aiohttp writes anew."""
_THROTTLED: Final = {
    "dynamodb": "ProvisionedThroughputExceededException",
    "kinesis": "ProvisionedThroughputExceededException",
}


class FaultProxy:
    """A context manager: a server in its own thread."""

    def __init__(self, faults: CallFaults) -> None:
        self.upstream = ""
        """The base URL of the embedded AWS; set before the first request."""
        self.kill: Callable[[int], None] = lambda _port: None
        """Ends the process that calls from a port."""
        self.calls: Counter[str] = Counter()
        """How many calls there were, by operation."""
        self.port = 0
        self._faults = faults
        self._loop = asyncio.new_event_loop()
        self._session: ClientSession | None = None
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._wait_for(self._start())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._wait_for(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_S)
        self._loop.close()

    @property
    def endpoint(self) -> str:
        """Base URL for SDKs."""
        return f"http://{HOST}:{self.port}"

    def _wait_for(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_START_S)

    async def _start(self) -> None:
        self._session = ClientSession(
            connector=TCPConnector(limit=0),
            timeout=ClientTimeout(total=None),
            auto_decompress=False,
        )
        app = web.Application(client_max_size=_MAX_BYTES)
        app.add_routes([web.route("*", "/{path:.*}", self._answer)])
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.5, auto_decompress=False
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        self.port = self._runner.addresses[0][1]

    async def _stop(self) -> None:
        assert self._runner is not None  # noqa: S101 - entered
        assert self._session is not None  # noqa: S101 - entered
        self._stopping.set()
        await self._runner.cleanup()
        await self._session.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        operation = operation_of(headers, request.path, body)
        self.calls[operation] += 1
        fault = self._faults.take(operation)
        if fault is None:
            return await self._forward(request, body)
        if fault.kind == "slow":
            await asyncio.sleep(fault.delay_s)
            return await self._forward(request, body)
        if fault.kind in ("error", "throttle"):
            return _refusal(fault, is_json="x-amz-target" in headers)
        if fault.kind in AFTER:
            await self._forward(request, body)
        return await self._silence(request, fault)

    async def _silence(self, request: web.Request, fault: CallFault) -> web.StreamResponse:
        """Close the connection without an answer: at once, after a time-out, or by a kill."""
        if fault.kind in KILLS:
            await asyncio.to_thread(self.kill, _port_of(request))
        elif fault.kind.startswith("timeout"):
            await self._hold()
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _hold(self) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), HOLD_S)
        except TimeoutError:
            return

    async def _forward(self, request: web.Request, body: bytes) -> web.StreamResponse:
        assert self._session is not None  # noqa: S101 - entered
        url = URL(f"{self.upstream}{request.raw_path}", encoded=True)
        async with self._session.request(
            request.method, url, headers=_passed(request.headers), data=body, allow_redirects=False
        ) as answer:
            content = await answer.read()
            return web.Response(status=answer.status, headers=_passed(answer.headers), body=content)


def _port_of(request: web.Request) -> int:
    peer = request.transport and request.transport.get_extra_info("peername")
    return int(peer[1]) if peer else 0


def _passed(headers: Any) -> CIMultiDict[str]:
    """Return the headers that are forwarded as they came."""
    return CIMultiDict(
        (name, value) for name, value in headers.items() if name.lower() not in _FRAMING
    )


def _refusal(fault: CallFault, *, is_json: bool) -> web.Response:
    """Return a refusal as the service words it: an internal error, or a throttle."""
    service = fault.operation.partition(":")[0]
    if fault.kind == "error":
        status, code = 500, "InternalServerError" if service == "dynamodb" else "InternalFailure"
    else:
        status, code = 400, _THROTTLED.get(service, "ThrottlingException")
    if service == "execute-api":
        code = code if status == 500 else "LimitExceededException"
        status = status if status == 500 else 429
        return _json(status, {"message": "injected"}, {"x-amzn-ErrorType": code})
    if is_json:
        return _json(status, {"__type": code, "message": "injected"}, {})
    text = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
        "<Message>injected</Message></Error><RequestId>0</RequestId></ErrorResponse>"
    )
    return web.Response(text=text, status=status, content_type="text/xml")


def _json(status: int, body: dict[str, str], headers: dict[str, str]) -> web.Response:
    return web.Response(
        text=json.dumps(body), status=status, headers=headers,
        content_type="application/x-amz-json-1.0",
    )  # fmt: skip
