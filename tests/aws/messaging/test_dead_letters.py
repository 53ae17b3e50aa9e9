"""Dead letters: complete, and sent once by a process."""

import base64

import pytest
from signalengine.errors import PermanentError, TransientError
from signalengine_aws.messaging.dead_letters import HEAD_BYTES, DeadLetter, SqsDeadLetters
from signalengine_aws.messaging.records import Record, claimed_kind

from tests.aws.world import Trouble, World


def letter(number: int, data: bytes = b"{}") -> DeadLetter:
    return DeadLetter(Record(data, "key", str(number)), "a reason")


def queue(world: World) -> SqsDeadLetters:
    return SqsDeadLetters(world.sqs, world.dead_letter_url, "track_signals")


def test_a_dead_letter_holds_the_record_and_the_reason(world: World) -> None:
    queue(world).send([letter(7, b'{"kind": "gossip"}')])
    assert world.letters() == [
        {
            "reason": "a reason",
            "function": "track_signals",
            "partition_key": "key",
            "sequence_number": "7",
            "kind": "gossip",
            "size": 18,
            "data_base64_head": base64.b64encode(b'{"kind": "gossip"}').decode(),
        }
    ]


def test_only_the_head_of_a_large_record_is_carried(world: World) -> None:
    queue(world).send([letter(1, b"x" * 900_000)])
    (sent,) = world.letters()
    assert base64.b64decode(sent["data_base64_head"]) == b"x" * HEAD_BYTES
    assert sent["size"] == 900_000


def test_many_large_dead_letters_all_arrive(world: World) -> None:
    assert queue(world).send([letter(n, b"x" * 100_000) for n in range(37)]) == 37
    assert len(world.letters()) == 37


def test_a_process_sends_a_dead_letter_once(world: World) -> None:
    letters = queue(world)
    assert letters.send([letter(1), letter(2)]) == 2
    assert letters.send([letter(1), letter(2), letter(3)]) == 1
    assert len(world.letters()) == 3


def test_what_is_sent_before_a_failure_is_not_sent_again(world: World) -> None:
    letters = queue(world)
    with pytest.raises(PermanentError):
        SqsDeadLetters(world.sqs, world.dead_letter_url + "-gone", "f").send([letter(1)])
    world.sqs.meta.events.register("before-call.sqs.SendMessage", world._before)
    world.trouble = Trouble(2, "throttled")
    with pytest.raises(TransientError):
        letters.send([letter(1), letter(2), letter(3)])
    world.trouble = None
    assert letters.send([letter(1), letter(2), letter(3)]) == 1
    assert [sent["sequence_number"] for sent in world.letters()] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'{"kind": "bars"}', "bars"),
        (b'{"kind": 5}', None),
        (b'{"kind": "bars", "x": NaN}', None),
        (b'{"kind": "bars", "x": -Infinity}', None),
        ('{"kind": "bars"}'.encode("utf-16"), None),
        (b'\xef\xbb\xbf{"kind": "bars"}', None),
        (b"[" * 50_000, None),
        (b"", None),
    ],
)
def test_a_kind_is_claimed_in_strict_json_only(data: bytes, kind: str | None) -> None:
    """As Lambda's event filters do, which select the records of a function."""
    assert claimed_kind(data) == kind
