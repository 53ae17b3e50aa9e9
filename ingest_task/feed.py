"""The WebSocket: one connection to the `/market` route, subscribed, read, and replaced when lost.

Only `/market` carries klines, marks and liquidations; an unrouted connection is silent about them
without an error, so a subscription counts only when the exchange has confirmed it.
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Sequence
from socket import SHUT_RDWR
from typing import Any, Final, Protocol

import websocket
from signalengine_aws.kinesis import Backoff

from .logs import Log

ROUTE: Final = "/market/stream"
CHUNK: Final = 200
"""Streams in one SUBSCRIBE."""
CHUNK_PAUSE_S: Final = 0.25
"""At most 10 messages a second may be sent to the exchange; this keeps to 4."""
CHUNK_BYTES: Final = 65_536
CONNECT_S: Final = 10.0
CONFIRM_S: Final = 10.0
PING_AFTER_S: Final = 10.0
"""Silence after which we ask whether anybody is there …"""
STALLED_AFTER_S: Final = 25.0
"""… and after which nobody is. A market that is over answers pings; a dead socket does not."""
_POLL_S: Final = 1.0  # how often silence is looked at

_LOG = Log("feed")


class FeedError(Exception):
    """The connection is of no use any more."""


class Listener(Protocol):
    """Who listens (Recorder)."""

    def on_subscribed(self) -> None:
        """All streams are confirmed."""

    def on_lost(self) -> None:
        """The connection was lost after it had been subscribed."""

    def on_message(self, data: Any) -> None:
        """One payload arrived."""

    def on_malformed(self, reason: str) -> None:
        """A frame could not be read."""


def streams_of(symbols: Sequence[str]) -> list[str]:
    """Return the streams to subscribe to, those common to all symbols first."""
    klines = [f"{symbol.lower()}@kline_1m" for symbol in symbols]
    return ["!markPrice@arr@1s", "!forceOrder@arr", *klines]


class BufferedSocket(websocket.WebSocket):
    """Asks the kernel for what there is; the library alone asks three times a frame.

    A third less CPU a message. `_recv` is the library's own name for where it reads its socket,
    and no promise of it: the tests of this module would notice a change.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._chunk, self._at = b"", 0

    def _recv(self, bufsize: int) -> bytes:
        if self._at >= len(self._chunk):
            read: Callable[[int], bytes] = super()._recv
            self._chunk, self._at = read(CHUNK_BYTES), 0
        part = self._chunk[self._at : self._at + bufsize]
        self._at += len(part)
        return part


class Feed:
    """Reads the streams of some symbols until told to stop."""

    def __init__(
        self,
        base: str,
        symbols: Sequence[str],
        listener: Listener,
        room: Callable[[float], bool],
        stop: threading.Event,
    ) -> None:
        self._url = base + ROUTE
        self._streams = streams_of(symbols)
        self._listener, self._room, self._stop = listener, room, stop
        self._backoff = Backoff(first=0.5, cap=30.0)
        self._socket: websocket.WebSocket | None = None
        self.subscribed = threading.Event()
        """Set once the first subscription has been confirmed."""
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def start(self) -> None:
        """Start reading."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the reader still runs."""
        return self._thread.is_alive()

    def end(self, timeout: float) -> None:
        """Wake the reader, which sees the stop event then, and wait for it."""
        if self._socket is not None and self._socket.sock is not None:
            with contextlib.suppress(OSError):
                self._socket.sock.shutdown(SHUT_RDWR)
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._session()
            except (FeedError, websocket.WebSocketException, OSError) as error:
                if self._stop.is_set():
                    return
                wait = self._backoff.next()
                _LOG.warning("disconnected", reason=f"{type(error).__name__}: {error}", wait_s=wait)
                self._stop.wait(wait)

    def _session(self) -> None:
        """Connect, subscribe and read until something breaks or the task stops."""
        socket = websocket.create_connection(
            self._url, timeout=CONNECT_S, class_=BufferedSocket, skip_utf8_validation=True,
            enable_multithread=False,
        )  # fmt: skip
        self._socket = socket
        try:
            socket.settimeout(_POLL_S)
            self._subscribe(socket)
            self._listener.on_subscribed()
            self.subscribed.set()
            _LOG.info("subscribed", url=self._url, streams=len(self._streams))
            try:
                self._read(socket)
            finally:
                if not self._stop.is_set():
                    self._listener.on_lost()
        finally:
            socket.close(timeout=0.5)
            # close() does nothing when the exchange has closed first
            socket.shutdown()  # type: ignore[no-untyped-call]  # websocket-client's own omission

    def _subscribe(self, socket: websocket.WebSocket) -> None:
        """Subscribe to everything, chunk by chunk, each confirmed before the next."""
        for number, start in enumerate(range(0, len(self._streams), CHUNK), start=1):
            if number > 1 and self._stop.wait(CHUNK_PAUSE_S):
                raise FeedError("stopping")
            params = self._streams[start : start + CHUNK]
            socket.send(json.dumps({"method": "SUBSCRIBE", "params": params, "id": number}))
            self._await_reply(socket, number)

    def _await_reply(self, socket: websocket.WebSocket, number: int) -> None:
        """Read until the request is confirmed; what is streamed meanwhile counts already."""
        deadline = time.monotonic() + CONFIRM_S
        while time.monotonic() < deadline and not self._stop.is_set():
            try:
                reply = self._receive(socket)
            except websocket.WebSocketTimeoutException:
                continue
            if reply is None:
                continue
            if reply.get("code") is not None or reply.get("error") is not None:
                raise FeedError(f"the exchange refused the subscription: {reply}")
            if reply.get("id") == number:
                return
        raise FeedError("the exchange did not confirm the subscription")

    def _read(self, socket: websocket.WebSocket) -> None:
        heard = time.monotonic()
        asked = False
        while not self._stop.is_set():
            if not self._room(_POLL_S):
                heard = time.monotonic()  # it is us who are not listening
                continue
            try:
                self._receive(socket)
            except websocket.WebSocketTimeoutException:
                silent = time.monotonic() - heard
                if silent >= STALLED_AFTER_S:
                    raise FeedError(f"silent for {silent:.0f} s, and no answer to a ping") from None
                if silent >= PING_AFTER_S and not asked:
                    asked = True
                    socket.ping()
            else:
                heard, asked = time.monotonic(), False

    def _receive(self, socket: websocket.WebSocket) -> dict[str, Any] | None:
        """Read one frame; streamed data goes to the listener, a reply is returned."""
        opcode, frame = socket.recv_data(control_frame=True)
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            raise FeedError(f"closed by the exchange: {frame[2:]!r}")
        if opcode != websocket.ABNF.OPCODE_TEXT:
            return None
        try:
            message = json.loads(frame.decode())
        except (ValueError, RecursionError) as error:
            self._listener.on_malformed(f"frame of {len(frame)} bytes is not JSON: {error}")
            return None
        if not isinstance(message, dict):
            self._listener.on_malformed("frame is not an object")
            return None
        if "stream" not in message:
            return message
        self._backoff.reset()
        self._listener.on_message(message.get("data"))
        return None
