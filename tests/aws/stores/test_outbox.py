"""The outbox: publications that are committed and not sent yet."""

import pytest
from signalengine_aws.runtime import observability
from signalengine_aws.stores.outbox import WAITED_MS, DynamoOutbox
from signalengine_aws.stores.signals import SETTLING_MS, DynamoSignals

from tests.aws.positions import NOW, open_signals, signal
from tests.aws.world import Trouble, World


def test_a_published_opening_leaves_the_outbox(world: World) -> None:
    one = signal()
    open_signals(one)
    outbox = DynamoOutbox("signals_table", lambda: world.now + WAITED_MS)
    assert [stored.signal for stored in outbox.waiting(10)] == [one]
    outbox.published(one.signal_id, "opened")
    outbox.published(one.signal_id, "opened")
    assert outbox.waiting(10) == []
    stored = outbox.read(one.signal_id)
    assert stored is not None
    assert stored.pending == frozenset()


def test_a_signal_waits_for_the_stream_before_the_schedule_publishes_it(world: World) -> None:
    open_signals(signal())
    assert DynamoOutbox("signals_table", lambda: world.now).waiting(10) == []


def test_an_unknown_signal_is_none(world: World) -> None:
    assert DynamoOutbox("signals_table").read("0" * 24) is None


def test_a_signal_of_another_version_holds_up_no_other(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observability, "_UNREADABLE", set())  # another test may have had this one
    strange, one = signal("BTCUSDT"), signal("ETHUSDT")
    open_signals(strange, one)
    world.dynamodb.update_item(
        TableName="signals_table",
        Key={"signal_id": {"S": strange.signal_id}},
        UpdateExpression="SET opening = :body",
        ExpressionAttributeValues={":body": {"S": '{"of": "another version"}'}},
    )
    outbox = DynamoOutbox("signals_table", lambda: world.now + WAITED_MS)
    for _ in range(2):
        assert [stored.signal for stored in outbox.waiting(10)] == [one]
        assert outbox.read(strange.signal_id) is None
        assert [stored.signal for stored in DynamoSignals("signals_table").open()] == [one]
        recent = DynamoSignals("signals_table").recent(NOW + SETTLING_MS)
        assert [event for event, _ in recent] == [f"{one.signal_id}#opened"]
    assert capsys.readouterr().out.count(strange.signal_id) == 1


def test_an_outbox_that_meets_a_closing_is_cleared_all_the_same(world: World) -> None:
    one = signal()
    open_signals(one)
    outbox = DynamoOutbox("signals_table", lambda: world.now + WAITED_MS)
    world.trouble = Trouble(0, "conflict")
    outbox.published(one.signal_id, "opened")
    assert world.trouble.names == ("UpdateItem", "UpdateItem")
    assert outbox.waiting(10) == []
