"""A connection that ends at its deadline, however slowly the other side answers."""

import socket

import pytest
from signalengine_aws.channels.http.timed_socket import Deadline, TimedSocket, TooLongError

pytestmark = pytest.mark.enable_socket


class Clock:
    """Moves on by `step` with each look."""

    def __init__(self, step: float) -> None:
        self.now, self._step = 0.0, step

    def __call__(self) -> float:
        self.now += self._step
        return self.now


def test_each_call_gets_what_is_left() -> None:
    deadline = Deadline(10.0, Clock(3.0))
    assert [deadline.left_s() for _ in range(3)] == [7.0, 4.0, 1.0]
    with pytest.raises(TimeoutError):
        deadline.left_s()


def test_an_answer_in_drops_ends_at_the_deadline() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"x" * 100)
        timed, byte = TimedSocket(ours, Deadline(10.0, Clock(1.0)), 100), memoryview(bytearray(1))
        assert [timed.receive_into(byte) for _ in range(9)] == [1] * 9
        with pytest.raises(TimeoutError):
            timed.receive_into(byte)


def test_no_more_bytes_are_read_than_are_allowed() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"x" * 100)
        reader = TimedSocket(ours, Deadline(10.0), 60).makefile("rb")
        assert reader.read(60) == b"x" * 60
        with pytest.raises(TooLongError):
            reader.read(1)


def test_a_side_that_reads_nothing_ends_at_the_deadline() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        timed = TimedSocket(ours, Deadline(0.2), 1)
        with pytest.raises(TimeoutError):
            timed.sendall(b"x" * 10_000_000)
