"""A batch: each has its address first, then addresses are served at once, each in order."""

import json
from collections.abc import Callable
from threading import Barrier, Lock

from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import TransientError
from signalengine_aws.delivery.queue import QueueMessage
from signalengine_aws.delivery.results import Addressed, Report, Result, deliver_all

from tests.examples import examples


def to(*addresses: str) -> list[QueueMessage]:
    """Return messages for these addresses."""
    bodies = [json.dumps({"to": one}) for one in addresses]
    return [QueueMessage(f"m{n}", f"r{n}", text) for n, text in enumerate(bodies)]


def at(deliver: Callable[[QueueMessage], Report]) -> Callable[[QueueMessage], Addressed]:
    """Return what finds the address of a message, and has it delivered by `deliver`."""

    def prepare(message: QueueMessage) -> Addressed:
        return Addressed(json.loads(message.body)["to"], lambda: deliver(message))

    return prepare


NAMES = ["telegram:1", "telegram:2", "telegram:3"]


@given(st.lists(st.sampled_from([*NAMES, "none", "fails"]), max_size=12))
@examples(60)
def test_each_message_has_one_result_and_keeps_its_place_at_its_address(names: list[str]) -> None:
    order, prepared, lock = list[QueueMessage](), list[QueueMessage](), Lock()
    messages = to(*names)

    def deliver(message: QueueMessage) -> Report:
        assert prepared == messages, "nothing is sent before each has its address"
        with lock:
            order.append(message)
        return Report(Result.SENT)

    def prepare(message: QueueMessage) -> Addressed | Report:
        prepared.append(message)
        if "fails" in message.body:
            raise TransientError("no AWS")
        return Report(Result.AWAITS_OPENING) if "none" in message.body else at(deliver)(message)

    done = deliver_all(messages, prepare, "telegram")
    counts = (names.count("fails"), names.count("none"), sum(name in NAMES for name in names))
    found = (
        done.counts["failed"],
        done.counts.get("awaits_opening", 0),
        done.counts.get("sent", 0),
    )
    assert found == counts
    assert len(done.retained) == counts[0] + counts[1]
    for name in NAMES:
        own = [one for one in messages if f'"{name}"' in one.body]
        assert [one for one in order if one in own] == own


def test_addresses_are_served_at_once() -> None:
    """Each of ten waits for the other nine: one after the other would never end."""
    barrier = Barrier(10, timeout=30)

    def deliver(_: QueueMessage) -> Report:
        barrier.wait()
        return Report(Result.SENT)

    done = deliver_all(to(*(f"telegram:{number}" for number in range(10))), at(deliver), "telegram")
    assert (done.counts["sent"], done.retained) == (10, ())


def test_messages_of_one_address_go_one_after_the_other() -> None:
    order: list[str] = []

    def deliver(message: QueueMessage) -> Report:
        order.append(message.message_id)
        if message.message_id == "m1":
            raise TransientError("no AWS")
        return Report(Result.PACED if message.message_id == "m2" else Result.SENT)

    done = deliver_all(to(*["telegram:1"] * 5), at(deliver), "telegram")
    assert order == ["m0", "m1", "m2", "m3", "m4"]
    assert sorted(done.retained) == ["m1", "m2"]
    assert done.errors == ("m1: TransientError: no AWS",)
