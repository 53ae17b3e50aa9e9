"""A connection that ends at one moment, however slowly the other side answers.

A time-out of a socket is one of each call: an answer of one byte every few seconds would take for
ever. Each call on this one gets the time that is left.
"""

import io
import socket
import time
from collections.abc import Callable
from typing import Final

Seconds = Callable[[], float]


class TooLongError(OSError):
    """The answer has more bytes than are read."""


class Deadline:
    """A moment of a monotonic clock."""

    def __init__(self, timeout_s: float, seconds: Seconds = time.monotonic) -> None:
        self._seconds = seconds
        self._end: Final = seconds() + timeout_s

    def left_s(self) -> float:
        """Return the seconds that are left; raises TimeoutError when there are none."""
        left = self._end - self._seconds()
        if left <= 0:
            raise TimeoutError
        return left


class TimedSocket:
    """What `http.client` uses of a connected socket, within a deadline and a number of bytes."""

    def __init__(self, connected: socket.socket, deadline: Deadline, most_bytes: int) -> None:
        self._socket = connected
        self._deadline = deadline
        self._most = most_bytes

    def sendall(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            self._socket.settimeout(self._deadline.left_s())
            left = left[self._socket.send(left) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return what is received, for reading; closing it does not close the connection."""
        assert mode == "rb"  # noqa: S101 - of http.client
        return io.BufferedReader(_Received(self))

    def receive_into(self, buffer: memoryview) -> int:
        """Receive into a buffer; returns the number of bytes, 0 at the end."""
        if self._most <= 0:
            raise TooLongError
        self._socket.settimeout(self._deadline.left_s())
        number = self._socket.recv_into(buffer, min(len(buffer), self._most))
        self._most -= number
        return number

    def close(self) -> None:
        """Do nothing: `http.client` closes a connection before its last answer is read."""

    def end(self) -> None:
        """Close the connection."""
        self._socket.close()


class _Received(io.RawIOBase):
    def __init__(self, connection: TimedSocket) -> None:
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # of any buffer
        return self._connection.receive_into(buffer)
