"""Passing requests and sockets on to the local servers behind the front server."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientSession,
    ClientTimeout,
    ClientWebSocketResponse,
    TCPConnector,
    WSMsgType,
    WSServerHandshakeError,
    web,
)
from multidict import CIMultiDict
from yarl import URL

MOST_BYTES: Final = 10 << 20
"""Of a request's body, as API Gateway takes it."""
MOST_MESSAGE_BYTES: Final = 128 * 1024
"""Of a WebSocket message, as API Gateway takes and sends it."""
CONNECT_S: Final = 29.0
"""As long as API Gateway waits for the function behind a new connection."""
_CHUNK_BYTES: Final = 64 * 1024
_HOP: Final = (
    "connection", "content-length", "host", "keep-alive", "proxy-authenticate",
    "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade",
)  # fmt: skip
"""Headers of one connection."""
_OF_THE_PAGE: Final = ("origin", "referer", "cookie")
"""Headers that were checked here, or that nothing behind needs."""
_GOING_AWAY: Final = 1001
_CODES: Final = (1000, 1001, 1003, 1007, 1008, 1009, 1011)


class Relay:
    """Client connections to the servers behind; made and closed in the loop that uses it."""

    def __init__(self) -> None:
        self._session = ClientSession(
            connector=TCPConnector(limit=0),
            timeout=ClientTimeout(total=None),
            auto_decompress=False,
        )
        self._open: set[web.WebSocketResponse] = set()

    async def close(self) -> None:
        """End all sockets, then the connections behind."""
        for socket in list(self._open):
            with suppress(ConnectionError):
                await socket.close(code=_GOING_AWAY, message=b"the system stops")
        await self._session.close()

    async def request(
        self, request: web.Request, url: str, more: Mapping[str, str]
    ) -> web.StreamResponse:
        """Answer a request with what `url` answers, piece by piece; `more` are headers it gets."""
        try:
            answer = await self._session.request(
                request.method,
                URL(url, encoded=True),
                headers=_passed(request.headers),
                data=await request.read() if request.can_read_body else None,
                allow_redirects=False,
                skip_auto_headers=("Accept-Encoding", "User-Agent"),
            )
        except ClientError:
            message = "this part of the system does not answer"
            return web.json_response({"message": message}, status=502)
        async with answer:
            response = web.StreamResponse(status=answer.status, headers=_passed(answer.headers))
            for name, value in more.items():
                response.headers.setdefault(name, value)
            response.content_length = answer.content_length
            with suppress(ConnectionError, ClientError):  # one of the two has left
                await response.prepare(request)
                async for piece in answer.content.iter_chunked(_CHUNK_BYTES):
                    await response.write(piece)
                await response.write_eof()
            return response

    async def socket(self, request: web.Request, url: str) -> web.StreamResponse:
        """Connect a client with the socket at `url` until either ends."""
        try:
            behind = await asyncio.wait_for(
                self._session.ws_connect(url, max_msg_size=MOST_MESSAGE_BYTES + 1), CONNECT_S
            )
        except (WSServerHandshakeError, ClientConnectorError, TimeoutError):
            return web.json_response({"message": "the feed takes no more clients"}, status=503)
        client = web.WebSocketResponse(max_msg_size=MOST_MESSAGE_BYTES + 1, compress=False)
        async with behind:
            await client.prepare(request)
            self._open.add(client)
            try:
                await _connect(client, behind)
            finally:
                self._open.discard(client)
        return client


Socket = web.WebSocketResponse | ClientWebSocketResponse


async def _connect(client: web.WebSocketResponse, behind: ClientWebSocketResponse) -> None:
    """Copy messages both ways until one side ends, then close the other."""
    ways = [asyncio.create_task(_copy(*pair)) for pair in ((client, behind), (behind, client))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        with suppress(ConnectionError):
            await behind.close()
            await client.close(code=_sendable(behind.close_code))


async def _copy(source: Socket, target: Socket) -> None:
    with suppress(ConnectionError):  # the other side has left
        async for message in source:
            if message.type is WSMsgType.TEXT:
                await target.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await target.send_bytes(message.data)


def _sendable(code: int | None) -> int:
    """Return the code that the other side closed with, if one may be sent on."""
    return code if code is not None and (code in _CODES or code >= 3000) else _GOING_AWAY


def _passed(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """Return the headers that go on, in both directions."""
    left_out = (*_HOP, *_OF_THE_PAGE)
    return CIMultiDict(
        (name, value)
        for name, value in headers.items()
        if name.lower() not in left_out and not name.lower().startswith("sec-")
    )
