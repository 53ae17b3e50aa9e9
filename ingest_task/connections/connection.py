"""One WebSocket connection: subscribed, read, ended.

A subscription counts only once the exchange has confirmed it: a wrong one may deliver nothing
and report no error.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from socket import SHUT_RDWR
from typing import Any, Final, Protocol

import websocket
from signalengine.exchanges.port import Action, Streams

from ..logs import Log
from ..outbound import socket_options

CHUNK_BYTES: Final = 65_536
CONNECT_S: Final = 10.0
CONFIRM_S: Final = 10.0
PING_AFTER_S: Final = 3.0
"""Seconds without a frame after which a ping is sent."""
STALLED_AFTER_S: Final = 10.0
"""Seconds without a frame or a pong after which the socket is given up. A market that is over
still answers pings."""
_POLL_S: Final = 1.0  # how often silence is checked

_LOG = Log("feed")


class FeedError(Exception):
    """The connection can no longer be used."""


class Listener(Protocol):
    """What receives the messages (Recorder). `shard`: the number of the connection."""

    def on_up(self, shard: int, why: str) -> None:
        """All streams of a shard are confirmed on a new connection."""

    def on_lost(self, shard: int, reason: str) -> None:
        """The connection of a shard was lost after it had been subscribed."""

    def on_message(self, data: Any, shard: int = 0) -> None:
        """One payload arrived."""

    def on_malformed(self, reason: str) -> None:
        """A frame could not be read."""


class BufferedSocket(websocket.WebSocket):
    """Reads all bytes that the kernel has at once; the library alone reads three times a frame.

    It saves a third of the CPU time of a message. `_recv`, where the library reads its socket, is
    not part of its public interface: the tests of this module would notice a change.
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


class Connection:
    """Reads the streams of one shard in a thread of its own, until it ends or is retired."""

    def __init__(
        self,
        protocol: Streams,
        url: str,
        streams: Sequence[str],
        shard: int,
        why: str,
        listener: Listener,
        room: Callable[[float], bool],
        changed: threading.Event,
    ) -> None:
        """`changed` is set when the connection is up, and when it is over."""
        self._protocol, self._limits = protocol, protocol.limits
        self._url, self._shard, self._why = url, shard, why
        self.streams = tuple(streams)
        """The streams at its start; later changes are recorded by the shard alone."""
        self._listener, self._room, self._changed = listener, room, changed
        self._socket: websocket.WebSocket | None = None
        self._requests: deque[tuple[Action, tuple[str, ...]]] = deque()
        self._sent = 0  # requests so far, which number them
        self._retired = False
        self.up_at: float | None = None
        """When (monotonic seconds) all streams were confirmed; None before that."""
        self.reason: str | None = None
        """Why it is over; None while it is not."""
        self.error: Exception | None = None
        """What ended it, if it was an error."""
        self._thread = threading.Thread(target=self._run, name=f"feed-{shard}", daemon=True)

    def start(self) -> None:
        """Start connecting."""
        self._thread.start()

    def retire(self, timeout: float) -> None:
        """Wake the reader, which ends then, and wait for it."""
        self._retired = True
        if self._socket is not None and self._socket.sock is not None:
            with contextlib.suppress(OSError):
                self._socket.sock.shutdown(SHUT_RDWR)
        if self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def report_to(self, changed: threading.Event) -> None:
        """Set another event from now on, and at once when it is over already."""
        self._changed = changed
        if self.reason is not None:
            changed.set()

    def change(self, action: Action, streams: Sequence[str]) -> None:
        """Queue a change of subscription; the reader sends it before it reads on."""
        self._requests.append((action, tuple(streams)))

    def _run(self) -> None:
        try:
            self._session()
            self.reason = "retired"
        except (FeedError, websocket.WebSocketException, OSError) as error:
            self.error = error
            self.reason = "retired" if self._retired else f"{type(error).__name__}: {error}"
        finally:
            self.reason = self.reason or "failed"
            self._changed.set()

    def _session(self) -> None:
        """Connect, subscribe and read until something breaks or it is retired."""
        socket = websocket.create_connection(
            self._url, timeout=CONNECT_S, class_=BufferedSocket, skip_utf8_validation=True,
            enable_multithread=False, **socket_options(self._url),
        )  # fmt: skip
        self._socket = socket
        try:
            socket.settimeout(_POLL_S)
            size = self._limits.streams_per_request
            for start in range(0, len(self.streams), size):
                number = self._request(socket, "subscribe", self.streams[start : start + size])
                self._await_reply(socket, number)
            self.up_at = time.monotonic()
            self._listener.on_up(self._shard, self._why)
            self._changed.set()
            self._read(socket)
        finally:
            socket.close(timeout=0.5)
            # close() does nothing when the exchange has closed first
            socket.shutdown()  # type: ignore[no-untyped-call]  # websocket-client's own omission

    def _request(self, socket: websocket.WebSocket, action: Action, streams: Sequence[str]) -> int:
        """Send one request, no faster than the exchange allows; returns its number."""
        if self._sent:
            time.sleep(self._limits.request_interval_s)
        self._sent += 1
        socket.send(self._protocol.request(action, streams, self._sent))
        return self._sent

    def _await_reply(self, socket: websocket.WebSocket, number: int) -> None:
        """Read until the request is confirmed; data that arrives meanwhile is passed on."""
        deadline = time.monotonic() + CONFIRM_S
        while time.monotonic() < deadline and not self._retired:
            try:
                reply = self._receive(socket)
            except websocket.WebSocketTimeoutException:
                continue
            if reply is None:
                continue
            if self._protocol.refuses(reply):
                raise FeedError(f"the exchange refused the subscription: {reply}")
            if self._protocol.confirms(reply, number):
                return
        raise FeedError("the exchange did not confirm the subscription")

    def _read(self, socket: websocket.WebSocket) -> None:
        received = time.monotonic()
        pinged = False
        while not self._retired:
            if not self._room(_POLL_S):
                received = time.monotonic()  # the silence is our own
                continue
            if self._requests:
                self._request(socket, *self._requests.popleft())
            try:
                reply = self._receive(socket)
            except websocket.WebSocketTimeoutException:
                silent = time.monotonic() - received
                if silent >= STALLED_AFTER_S:
                    raise FeedError(f"silent for {silent:.0f} s, no answer to a ping") from None
                if silent >= PING_AFTER_S and not pinged:
                    pinged = True
                    socket.ping()
            else:
                received, pinged = time.monotonic(), False
                if reply is not None and self._protocol.refuses(reply):
                    _LOG.warning("subscription_refused", reply=reply)

    def _receive(self, socket: websocket.WebSocket) -> dict[str, Any] | None:
        """Read one frame: stream data goes to the listener, a reply is returned."""
        opcode, frame = socket.recv_data(control_frame=True)
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            raise FeedError(f"closed by the exchange: {frame[2:]!r}")
        if opcode != websocket.ABNF.OPCODE_TEXT:
            return None
        return self._take(frame)

    def _take(self, frame: bytes) -> dict[str, Any] | None:
        """Pass stream data on, and return a reply; None also after counting it as malformed."""
        if len(frame) > self._limits.frame_bytes:
            self._listener.on_malformed(f"frame of {len(frame)} bytes")
            return None
        try:
            message = self._protocol.decode(frame)
        except (ValueError, RecursionError) as error:
            self._listener.on_malformed(f"frame of {len(frame)} bytes is not JSON: {error}")
            return None
        if self._protocol.is_data(message):
            if not self._retired:
                self._listener.on_message(self._protocol.data_of(message), self._shard)
            return None
        if not isinstance(message, dict):
            self._listener.on_malformed("frame is not an object")
            return None
        return message
