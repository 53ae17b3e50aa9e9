"""publish_signals on fakes: publish, then clear the outbox, in order, once."""

from dataclasses import replace

import pytest
from signalengine.errors import TransientError
from signalengine.signals import Fill, StopMove
from signalengine_aws.application.publish_signals import PublishSignals, as_of, notification_of
from signalengine_aws.messaging.records import Change
from signalengine_aws.runtime.observability import LogLine

from tests.aws.fakes import Journal, MemorySignals, MemoryTopic
from tests.telegram_samples import NOON, closed, signal

ID = signal().signal_id
OPENING = Change("INSERT", None, {"signal_id": {"S": ID}, "updated_at": {"N": str(NOON)}})
CLOSING = Change(
    "MODIFY",
    {"signal_id": {"S": ID}},
    {"signal_id": {"S": ID}, "updated_at": {"N": str(NOON + 9)}, "settlement": {"S": "{}"}},
)


class Case:
    """One outbox and one topic with a common journal."""

    def __init__(self) -> None:
        self.journal: Journal = []
        self.outbox = MemorySignals(self.journal)
        self.topic = MemoryTopic(self.journal)
        self.publish = PublishSignals(outbox=self.outbox, topic=self.topic)


@pytest.fixture
def case() -> Case:
    return Case()


def test_a_notification_is_published_and_then_removed_from_the_outbox(case: Case) -> None:
    case.outbox.add(signal(), "opened")
    assert case.publish.publish(OPENING, LogLine()) == 1
    assert case.journal == [("publish", f"{ID}#opened"), ("published", ID, "opened")]


def test_a_repeated_change_publishes_nothing(case: Case) -> None:
    case.outbox.add(signal(), "opened")
    case.publish.publish(OPENING, LogLine())
    assert case.publish.publish(OPENING, LogLine()) == 0
    assert len(case.topic.messages) == 1


def test_a_closing_is_published_after_a_pending_opening(case: Case) -> None:
    case.outbox.add(closed(), "opened", "closed")
    assert case.publish.publish(CLOSING, LogLine()) == 2
    opening, closing = (message.body for message in case.topic.messages)
    assert (opening["kind"], opening["stored"]["settlement"]) == ("signal.opened", None)
    assert (closing["kind"], closing["cursor"]) == ("signal.closed", NOON + 9)


def test_a_change_of_the_opening_leaves_the_closing_pending(case: Case) -> None:
    case.outbox.add(closed(), "opened", "closed")
    assert case.publish.publish(OPENING, LogLine()) == 1
    assert case.outbox.items[ID].pending == {"closed"}


STEPS = (Fill("target1", NOON, 101.0, 0.5), StopMove("stop1", NOON, 100.0))
PROGRESS = Change(
    "MODIFY",
    {"signal_id": {"S": ID}},
    {"signal_id": {"S": ID}, "updated_at": {"N": str(NOON + 5)}, "steps": {"N": "2"}},
)


def test_steps_are_published_in_order_after_a_pending_opening(case: Case) -> None:
    case.outbox.add(replace(closed(), progress=STEPS), "opened", "target1", "stop1", "closed")
    assert case.publish.publish(PROGRESS, LogLine()) == 3
    opening, target, stop = (message.body for message in case.topic.messages)
    assert "progress" not in opening["signal"]
    assert (target["kind"], target["event_id"]) == ("signal.progress", f"{ID}#target1")
    assert [step["name"] for step in target["signal"]["progress"]] == ["target1"]
    assert [step["name"] for step in stop["signal"]["progress"]] == ["target1", "stop1"]
    assert (stop["signal"]["status"], stop["cursor"]) == ("open", NOON + 5)
    assert case.outbox.items[ID].pending == {"closed"}
    assert case.publish.publish(CLOSING, LogLine()) == 1
    assert len(case.topic.messages[-1].body["signal"]["progress"]) == 2


def test_a_failed_publication_stays_in_the_outbox(case: Case) -> None:
    case.outbox.add(signal(), "opened")
    case.topic.fault = TransientError("throttled")
    with pytest.raises(TransientError):
        case.publish.publish(OPENING, LogLine())
    assert case.outbox.items[ID].pending == {"opened"}
    case.topic.fault = None
    assert case.publish.republish(LogLine()) == 1
    assert case.publish.republish(LogLine()) == 0


@pytest.mark.parametrize(
    "change",
    [
        Change("REMOVE", {"signal_id": {"S": ID}}, None),
        Change("MODIFY", {"signal_id": {"S": ID}}, {"signal_id": {"S": ID}}),
        Change("MODIFY", CLOSING.after, CLOSING.after),
    ],
)
def test_other_changes_publish_nothing(case: Case, change: Change) -> None:
    assert notification_of(change) is None
    assert case.publish.publish(change, LogLine()) == 0


def test_a_signal_that_is_gone_publishes_nothing(case: Case) -> None:
    assert case.publish.publish(OPENING, LogLine()) == 0


def test_an_opening_is_published_without_its_later_settlement() -> None:
    assert as_of(closed(), "opened").settlement is None
    assert as_of(closed(), "closed") == closed()
