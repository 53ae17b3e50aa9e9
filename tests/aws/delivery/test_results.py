"""A batch: addresses are served at once, and each of them in order."""

import json
from threading import Barrier, Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import TransientError
from signalengine_aws.delivery.queue import QueueMessage
from signalengine_aws.delivery.results import Report, Result, by_address, deliver_all

from tests.examples import examples


def to(*addresses: str) -> list[QueueMessage]:
    """Return messages for these addresses; one for "" names none."""
    bodies = [json.dumps({"to": one} if one else {}) for one in addresses]
    return [QueueMessage(f"m{n}", f"r{n}", text) for n, text in enumerate(bodies)]


@given(st.lists(st.sampled_from(["", "telegram:1", "telegram:2", "telegram:3"]), max_size=12))
@examples(60)
def test_each_message_is_in_one_group_and_keeps_its_place(addresses: list[str]) -> None:
    messages = to(*addresses)
    first, *others = by_address(messages)
    assert [one for one, name in zip(messages, addresses, strict=True) if not name] == first
    assert sorted(one.message_id for group in (first, *others) for one in group) == sorted(
        one.message_id for one in messages
    )
    for group in others:
        assert len({one.body for one in group}) == 1
        assert group == [one for one in messages if one.body == group[0].body]


@pytest.mark.parametrize("body", ["", "{", "[]", "7", '{"to": 5}', "[" * 5_000])
def test_what_names_no_address_is_in_the_first_group(body: str) -> None:
    message = QueueMessage("m", "r", body)
    assert by_address([message]) == [[message]]


def test_addresses_are_served_at_once_after_what_names_none() -> None:
    """Each of ten waits for the other nine: one after the other would never end."""
    barrier, lock = Barrier(10, timeout=30), Lock()
    order: list[str] = []

    def deliver(message: QueueMessage) -> Report:
        if "to" in message.body:
            barrier.wait()
        with lock:
            order.append(message.message_id)
        return Report(Result.SENT)

    names = ["", *(f"telegram:{number}" for number in range(10))]
    done = deliver_all(to(*names), deliver, "telegram")
    assert (done.counts["sent"], done.retained, order[0]) == (11, (), "m0")


def test_messages_of_one_address_go_one_after_the_other() -> None:
    order: list[str] = []

    def deliver(message: QueueMessage) -> Report:
        order.append(message.message_id)
        if message.message_id == "m1":
            raise TransientError("no AWS")
        return Report(Result.PACED if message.message_id == "m2" else Result.SENT)

    done = deliver_all(to(*["telegram:1"] * 5), deliver, "telegram")
    assert order == ["m0", "m1", "m2", "m3", "m4"]
    assert sorted(done.retained) == ["m1", "m2"]
    assert done.errors == ("m1: TransientError: no AWS",)
