"""One WebSocket connection to the `/market` route: subscribed, read, ended.

Only `/market` carries klines, marks and liquidations; an unrouted connection is silent about them
without an error, so a subscription counts only when the exchange has confirmed it.
"""

import contextlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from socket import SHUT_RDWR
from typing import Any, Final, Protocol

import websocket

from ..logs import Log

ROUTE: Final = "/market/stream"
CHUNK: Final = 200
"""Streams in one SUBSCRIBE."""
CHUNK_PAUSE_S: Final = 0.25
"""At most 10 messages a second may be sent to the exchange; this keeps to 4."""
CHUNK_BYTES: Final = 65_536
MAX_FRAME_BYTES: Final = 4_000_000
"""The marks of all symbols are some 200 KB; a larger frame than this is not parsed."""
CONNECT_S: Final = 10.0
CONFIRM_S: Final = 10.0
PING_AFTER_S: Final = 3.0
"""Silence after which we ask whether anybody is there …"""
STALLED_AFTER_S: Final = 10.0
"""… and after which nobody is. A market that is over answers pings; a dead socket does not."""
_POLL_S: Final = 1.0  # how often silence is looked at

_LOG = Log("feed")


class FeedError(Exception):
    """The connection is of no use any more."""


class Listener(Protocol):
    """Who listens (Recorder). `shard` tells which of several connections it is about."""

    def on_up(self, shard: int, why: str) -> None:
        """All streams of a shard are confirmed on a new connection."""

    def on_lost(self, shard: int, reason: str) -> None:
        """The connection of a shard was lost after it had been subscribed."""

    def on_message(self, data: Any, shard: int = 0) -> None:
        """One payload arrived."""

    def on_malformed(self, reason: str) -> None:
        """A frame could not be read."""


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


class Connection:
    """Reads the streams of one shard in a thread of its own, until it ends or is retired."""

    def __init__(
        self,
        url: str,
        streams: Sequence[str],
        shard: int,
        why: str,
        listener: Listener,
        room: Callable[[float], bool],
        changed: threading.Event,
    ) -> None:
        """`changed` is set when the connection has come up, and when it is over."""
        self._url, self._shard, self._why = url, shard, why
        self.streams = tuple(streams)
        """What it was made for; changes since then are the shard's business."""
        self._listener, self._room, self._changed = listener, room, changed
        self._socket: websocket.WebSocket | None = None
        self._requests: deque[dict[str, Any]] = deque()
        self._numbers = 0
        self._retired = False
        self.up_at: float | None = None
        """When (monotonic seconds) all streams were confirmed; None before that."""
        self.reason: str | None = None
        """Why it is over; None while it is not."""
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

    def change(self, method: str, streams: Sequence[str]) -> None:
        """SUBSCRIBE to or UNSUBSCRIBE from streams; the reader sends it when it comes to it."""
        self._requests.append({"method": method, "params": list(streams)})

    def _run(self) -> None:
        try:
            self._session()
            self.reason = "retired"
        except (FeedError, websocket.WebSocketException, OSError) as error:
            self.reason = "retired" if self._retired else f"{type(error).__name__}: {error}"
        finally:
            self.reason = self.reason or "failed"
            self._changed.set()

    def _session(self) -> None:
        """Connect, subscribe and read until something breaks or it is retired."""
        socket = websocket.create_connection(
            self._url, timeout=CONNECT_S, class_=BufferedSocket, skip_utf8_validation=True,
            enable_multithread=False,
        )  # fmt: skip
        self._socket = socket
        try:
            socket.settimeout(_POLL_S)
            for start in range(0, len(self.streams), CHUNK):
                number = self._ask(socket, "SUBSCRIBE", self.streams[start : start + CHUNK])
                self._await_reply(socket, number)
            self.up_at = time.monotonic()
            self._listener.on_up(self._shard, self._why)
            self._changed.set()
            self._read(socket)
        finally:
            socket.close(timeout=0.5)
            # close() does nothing when the exchange has closed first
            socket.shutdown()  # type: ignore[no-untyped-call]  # websocket-client's own omission

    def _ask(self, socket: websocket.WebSocket, method: str, streams: Sequence[str]) -> int:
        """Send one request; keeps to the exchange's pace."""
        if self._numbers:
            time.sleep(CHUNK_PAUSE_S)
        self._numbers += 1
        request = {"method": method, "params": list(streams), "id": self._numbers}
        socket.send(json.dumps(request))
        return self._numbers

    def _await_reply(self, socket: websocket.WebSocket, number: int) -> None:
        """Read until the request is confirmed; what is streamed meanwhile counts already."""
        deadline = time.monotonic() + CONFIRM_S
        while time.monotonic() < deadline and not self._retired:
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
        while not self._retired:
            if not self._room(_POLL_S):
                heard = time.monotonic()  # it is us who are not listening
                continue
            if self._requests:
                request = self._requests.popleft()
                self._ask(socket, request["method"], request["params"])
            try:
                reply = self._receive(socket)
            except websocket.WebSocketTimeoutException:
                silent = time.monotonic() - heard
                if silent >= STALLED_AFTER_S:
                    raise FeedError(f"silent for {silent:.0f} s, and no answer to a ping") from None
                if silent >= PING_AFTER_S and not asked:
                    asked = True
                    socket.ping()
            else:
                heard, asked = time.monotonic(), False
                if reply is not None and reply.get("code") is not None:
                    _LOG.warning("subscription_refused", reply=reply)

    def _receive(self, socket: websocket.WebSocket) -> dict[str, Any] | None:
        """Read one frame; streamed data goes to the listener, a reply is returned."""
        opcode, frame = socket.recv_data(control_frame=True)
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            raise FeedError(f"closed by the exchange: {frame[2:]!r}")
        if opcode != websocket.ABNF.OPCODE_TEXT:
            return None
        message = self._parse(frame)
        if message is None or "stream" not in message:
            return message
        if not self._retired:
            self._listener.on_message(message.get("data"), self._shard)
        return None

    def _parse(self, frame: bytes) -> dict[str, Any] | None:
        """Return the message of a frame; None, and counted, when it is none."""
        if len(frame) > MAX_FRAME_BYTES:
            self._listener.on_malformed(f"frame of {len(frame)} bytes")
            return None
        try:
            message = json.loads(frame)
        except (ValueError, RecursionError) as error:
            self._listener.on_malformed(f"frame of {len(frame)} bytes is not JSON: {error}")
            return None
        if not isinstance(message, dict):
            self._listener.on_malformed("frame is not an object")
            return None
        return message
