"""post_messages on fakes: each of its clients gets the message, and those that left are removed."""

import json

from signalengine.errors import TransientError
from signalengine_aws.application.post_messages import Posted, PostMessages

from tests.aws.fakes import MemoryConnections, MemorySockets

NAMES = [f"c{number}" for number in range(50)]


def case() -> tuple[PostMessages, MemoryConnections, MemorySockets]:
    connections = MemoryConnections(marks=dict.fromkeys(NAMES, ""))
    sockets = MemorySockets()
    return PostMessages(connections=connections, sockets=sockets), connections, sockets


def test_each_client_gets_the_message_once() -> None:
    posting, _, sockets = case()
    assert posting.post(b'{"type": "status"}', NAMES) == Posted(sent=50)
    assert sockets.posts == {name: [b'{"type": "status"}'] for name in NAMES}


def test_who_left_is_removed_and_who_cannot_be_reached_is_not() -> None:
    posting, connections, sockets = case()
    sockets.gone, sockets.faults = {"c1", "c2"}, {"c3": TransientError("throttled")}
    assert posting.post(b"{}", NAMES) == Posted(sent=47, gone=2, failed=1)
    assert connections.marks.keys() == set(NAMES) - {"c1", "c2"}


def test_who_is_refused_gets_the_reason_and_is_removed() -> None:
    posting, connections, sockets = case()
    sockets.gone = {"c1"}
    assert posting.refuse(json.dumps({"type": "refused"}).encode(), NAMES[:3]) == Posted(refused=3)
    assert connections.marks.keys() == set(NAMES[3:])


def test_a_client_that_cannot_be_removed_fails_no_other() -> None:
    posting, connections, sockets = case()
    connections.fault, sockets.gone = TransientError("throttled"), {"c1"}
    assert posting.post(b"{}", NAMES).sent == 49
