"""A disturbed run is over when clients have the newest events and the queue is empty."""

from typing import Any, cast

import pytest

from infra.local.chaos.stack.quiescence import DisturbedCollector

from .samples import CLOSED, OPEN, evidence

RECEIVED = evidence().received[0]


class Client:
    def __init__(self, *event_ids: str) -> None:
        self._rows = [row for row in RECEIVED if row.event_id in event_ids]

    def received(self) -> Any:
        return self._rows


def left(monkeypatch: pytest.MonkeyPatch, waiting: int, *clients: Client) -> str:
    collector = DisturbedCollector.__new__(DisturbedCollector)
    collector.clients = cast("Any", clients)
    monkeypatch.setattr(collector, "queued", lambda _name: waiting)
    return collector.unreceived([CLOSED, OPEN])


def test_nothing_is_left_when_each_client_has_the_newest_events(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    all_of_it, without_opening = (
        Client("a#opened", "a#closed", "b#opened"),
        Client("a#closed", "b#opened"),
    )
    assert left(monkeypatch, 0, all_of_it, without_opening) == ""


def test_what_one_client_lacks_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clients = Client("a#closed", "b#opened"), Client("a#opened", "b#opened")
    assert left(monkeypatch, 0, *clients) == "1 WebSocket messages to receive"


def test_what_a_killed_function_held_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    words = left(monkeypatch, 1, Client("a#closed", "b#opened"))
    assert words == "1 messages in the Telegram queue"
