"""publish_signals: every opening and closing is published, in order, and none is lost."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Signal, public, settled, signal_from_dict
from signalengine_aws.application.publish_signals import notification_of
from signalengine_aws.messaging.records import Change
from signalengine_aws.stores.closings import DynamoClosings
from signalengine_aws.stores.outbox import WAITED_MS, DynamoOutbox

from functions.publish_signals import handler as module
from tests.aws.law import assert_every_interruption_is_healed, interrupted
from tests.aws.positions import T, open_signals, signal
from tests.aws.world import Mode, Trouble, World, stream_event
from tests.examples import examples

ONE, TWO, THREE = signal("AUSDT"), signal("BUSDT", "short"), signal("CUSDT")
ALL_PUBLISHED = {
    f"{ONE.signal_id}#opened", f"{ONE.signal_id}#closed",
    f"{TWO.signal_id}#opened", f"{TWO.signal_id}#closed",
    f"{THREE.signal_id}#opened",
}  # fmt: skip


@pytest.fixture
def stream(world: World) -> list[dict[str, Any]]:
    """What the table's stream says of three openings and two closings."""
    trade()
    return world.stream("SIGNALS_TABLE").copy()


def trade() -> None:
    open_signals(ONE, TWO)
    close(ONE)
    open_signals(THREE)
    close(TWO)


def close(one: Signal) -> None:
    up = StoredBar(T, 100.0, 102.5, 99.5, 102.0)
    end = settle(one, [up])
    assert end is not None
    assert DynamoClosings("signals_table", "performance_table").close(one, end)


def handle(context: object, *records: dict[str, Any]) -> None:
    module.handler(stream_event(records), context)


def republish(context: object) -> None:
    module.handler({"republish": True}, context)


def restart() -> None:
    module.publish_signals.cache_clear()


def in_order(event_ids: list[str]) -> bool:
    """True when no closing is published before its opening."""
    firsts = {event_id: n for n, event_id in reversed(list(enumerate(event_ids)))}
    closed = [event_id for event_id in firsts if event_id.endswith("#closed")]
    return all(firsts[c.replace("closed", "opened")] < firsts[c] for c in closed)


@pytest.mark.slow
def test_every_interruption_of_a_batch_is_healed(
    world: World, stream: list[dict[str, Any]], context: object
) -> None:
    run: Callable[[], object] = partial(handle, context, *stream)
    calls = assert_every_interruption_is_healed(world, trade, run, restart)
    assert set(world.event_ids()) == ALL_PUBLISHED
    assert calls == 5 * 2 + 7  # read and publish five times; two removals took a second try


@pytest.mark.slow
def test_every_interruption_of_the_schedule_is_healed(world: World, context: object) -> None:
    def prepare() -> None:
        trade()
        world.now += WAITED_MS

    run: Callable[[], object] = partial(republish, context)
    assert_every_interruption_is_healed(world, prepare, run, restart)
    assert set(world.event_ids()) == ALL_PUBLISHED


@pytest.mark.slow
@settings(examples(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_interleaving_of_stream_schedule_and_crashes_publishes_everything_in_order(
    world: World, context: object, data: st.DataObject
) -> None:
    world.reset()
    trade()
    stream = world.stream("SIGNALS_TABLE").copy()
    restart()
    at, interruptions = 0, 0
    while at < len(stream):
        size = data.draw(st.integers(1, len(stream) - at))
        part: Callable[[], object] = partial(handle, context, *stream[at : at + size])
        if data.draw(st.booleans()):
            mode: Mode = data.draw(st.sampled_from(("after", "throttled")))
            interrupted(world, Trouble(data.draw(st.integers(0, 9)), mode), part, restart)
            interruptions += 1
        if data.draw(st.booleans()):
            world.now += WAITED_MS
            republish(context)
        part()
        at += size
    published = world.event_ids()
    assert set(published) == ALL_PUBLISHED
    assert len(published) <= len(ALL_PUBLISHED) + interruptions
    assert in_order(published)
    assert all("outbox" not in row for row in world.rows("SIGNALS_TABLE"))


def test_a_message_has_the_public_form_of_the_signal(
    world: World, stream: list[dict[str, Any]], context: object
) -> None:
    handle(context, *stream)
    published = {message["event_id"]: message for message in world.published()}
    opened, closed = published[f"{ONE.signal_id}#opened"], published[f"{ONE.signal_id}#closed"]
    assert opened["signal"] == json.loads(json.dumps(public(ONE)))
    assert signal_from_dict(opened["stored"]) == ONE
    assert opened["attributes"] == {
        "kind": "signal.opened",
        "symbol": "AUSDT",
        "direction": "long",
        "score": "0.6254",
    }
    assert closed["kind"] == closed["attributes"]["kind"] == "signal.closed"
    assert closed["signal"]["outcome"] == "tp_hit"
    ended = signal_from_dict(closed["stored"])
    assert ended.settlement is not None
    assert ended == settled(ONE, ended.settlement)
    assert opened["cursor"] == closed["cursor"] == world.now


def test_a_published_notification_is_not_published_again(
    world: World, stream: list[dict[str, Any]], context: object
) -> None:
    handle(context, *stream)
    handle(context, *stream)
    world.now += WAITED_MS
    republish(context)
    assert len(world.event_ids()) == len(ALL_PUBLISHED)


def test_a_closing_publishes_a_pending_opening_first(
    world: World, stream: list[dict[str, Any]], context: object
) -> None:
    closing = next(r for r in stream if r["eventName"] == "MODIFY")
    handle(context, closing)
    assert world.event_ids() == [f"{ONE.signal_id}#opened", f"{ONE.signal_id}#closed"]


def test_the_schedule_waits_two_minutes(world: World, context: object) -> None:
    open_signals(ONE)
    republish(context)
    assert world.event_ids() == []
    world.now += WAITED_MS
    republish(context)
    assert world.event_ids() == [f"{ONE.signal_id}#opened"]


def test_publishing_changes_no_cursor(world: World, context: object) -> None:
    open_signals(ONE)
    before = DynamoOutbox("signals_table").read(ONE.signal_id)
    world.now += WAITED_MS
    republish(context)
    after = DynamoOutbox("signals_table").read(ONE.signal_id)
    assert before is not None
    assert after is not None
    assert before.updated_at == after.updated_at
    assert after.pending == frozenset()


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (Change("INSERT", None, {"opening": {}}), "opened"),
        (Change("MODIFY", {"opening": {}}, {"opening": {}, "settlement": {}}), "closed"),
        (Change("MODIFY", {"settlement": {}}, {"settlement": {}}), None),
        (Change("MODIFY", {"outbox": {}}, {}), None),
        (Change("REMOVE", {"settlement": {}}, None), None),
    ],
)
def test_only_openings_and_new_settlements_are_published(change: Change, kind: str | None) -> None:
    assert notification_of(change) == kind
