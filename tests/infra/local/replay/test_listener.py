"""The listener's start: no longer than the server lives."""

import pytest

from infra.errors import CommandError
from infra.local.replay.listener import Listener
from tests.connect_proxy import dead_port


def ended() -> None:
    raise CommandError("the embedded AWS has ended")


def test_a_server_that_has_ended_is_not_waited_for() -> None:
    listener = Listener(f"ws://127.0.0.1:{dead_port()}")
    with pytest.raises(CommandError, match="the embedded AWS has ended"):
        listener.start(60.0, ended)
    listener.stop()


def test_a_server_that_never_answers_is_an_error() -> None:
    listener = Listener(f"ws://127.0.0.1:{dead_port()}")
    with pytest.raises(CommandError, match="no answer from ws://"):
        listener.start(0.2)
    listener.stop()
