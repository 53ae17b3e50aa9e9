"""What is stored of the stages behind the fold, read from the tables."""

from collections.abc import Iterator
from typing import Any

import pytest
from signalengine.signals import Evaluation
from signalengine_aws.api.queries.health import LATE_MS, Stages
from signalengine_aws.api.queries.stages import LOOKED_BACK_MS, StageQueries
from signalengine_aws.delivery import deliveries as deliveries_module
from signalengine_aws.delivery import pacing
from signalengine_aws.delivery.deliveries import SENDER, DynamoDeliveries
from signalengine_aws.stores.decisions import DynamoDecisionLog
from signalengine_aws.stores.events import DynamoEventLog, DynamoEvents
from signalengine_aws.stores.outbox import WAITED_MS, DynamoOutbox
from signalengine_aws.stores.state import DynamoFeed

from tests.aws.positions import open_signals, signal
from tests.aws.world import World, emptied, new_world
from tests.functions.seeded_tables import folded, live

EVALUATION: Evaluation = folded("BTCUSDT")[2][-1]
BEAT = {"watermark": EVALUATION.close_time + LATE_MS, "market": "live"}


@pytest.fixture(scope="module")
def aws() -> Iterator[World]:
    with new_world() as made:
        yield made


@pytest.fixture
def world(aws: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with emptied(aws, monkeypatch) as fresh:
        yield fresh


@pytest.fixture
def queries(world: World) -> StageQueries:
    return StageQueries(
        feed=DynamoFeed("state_table"),
        events=DynamoEventLog("events_table"),
        decisions=DynamoDecisionLog("decisions_table"),
        outbox=DynamoOutbox("signals_table"),
        deliveries=DynamoDeliveries("deliveries_table"),
        clock=lambda: world.now,
    )


def read(queries: StageQueries, **changes: Any) -> Stages:
    found = queries.read(BEAT | changes)
    assert found is not None
    return found


def test_nothing_is_wrong_in_an_empty_world(queries: StageQueries) -> None:
    assert read(queries) == Stages(paused={"telegram": ""})
    assert queries.read(None) is None


def test_a_close_without_a_decision_is_named_when_it_is_due(
    world: World, queries: StageQueries
) -> None:
    DynamoEvents("events_table").put(EVALUATION)
    assert read(queries).unscored == (EVALUATION.symbol, EVALUATION.close_time)
    early = EVALUATION.close_time + LATE_MS - 1
    assert read(queries, watermark=early).unscored is None
    forgotten = EVALUATION.close_time + LATE_MS + LOOKED_BACK_MS + 1
    assert read(queries, watermark=forgotten).unscored is None


def test_a_decided_close_is_not(world: World, queries: StageQueries) -> None:
    live(world)
    assert read(queries).unscored is None


def test_a_notification_that_waits_is_found_by_its_commit(
    world: World, queries: StageQueries
) -> None:
    committed = world.now - WAITED_MS - 1
    open_signals(signal(), now=committed)
    open_signals(signal("ETHUSDT"), now=committed + 1)
    assert read(queries).unpublished_at == committed


def test_a_parked_chat_pauses_the_channel_when_no_other_accepts_messages(
    world: World, queries: StageQueries
) -> None:
    deliveries = DynamoDeliveries("deliveries_table")
    chat = deliveries.address_state("telegram:1")
    deliveries.save_address_state(pacing.parked(chat, world.now, "400: chat not found"))
    assert read(queries).paused == {"telegram": "the only address: 400: chat not found"}
    moved = deliveries.address_state("telegram:-1")
    deliveries.save_address_state(pacing.moved(moved, "-1001"))
    assert read(queries).paused == {"telegram": "the only address: 400: chat not found"}
    other = deliveries.save_address_state(deliveries.address_state("telegram:2"))
    assert read(queries).paused == {"telegram": ""}
    deliveries.save_address_state(pacing.parked(other, world.now, "403: no rights"))
    assert read(queries).paused == {"telegram": "every address: 400: chat not found"}
    world.now += pacing.PARKED_MS
    assert read(queries).paused == {"telegram": ""}


def test_every_address_is_looked_at_before_it_is_said(
    world: World, queries: StageQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also those behind many that have moved, and on later pages."""
    monkeypatch.setattr(deliveries_module, "ADDRESSES_AT_ONCE", 5)
    deliveries = DynamoDeliveries("deliveries_table")
    for number in range(12):
        state = deliveries.address_state(f"telegram:1{number:02}")
        deliveries.save_address_state(pacing.moved(state, "-1001"))
        state = deliveries.address_state(f"telegram:2{number:02}")
        deliveries.save_address_state(pacing.parked(state, world.now, "403: blocked"))
    assert read(queries).paused == {"telegram": "every address: 403: blocked"}
    deliveries.save_address_state(deliveries.address_state("telegram:3"))
    assert read(queries).paused == {"telegram": ""}


def test_refused_credentials_pause_a_channel(world: World, queries: StageQueries) -> None:
    deliveries = DynamoDeliveries("deliveries_table")
    deliveries.save_address_state(deliveries.address_state("telegram:1"))
    sender = deliveries.address_state(f"telegram:{SENDER}")
    deliveries.save_address_state(pacing.parked(sender, world.now, "401: Unauthorized"))
    assert read(queries).paused == {"telegram": "401: Unauthorized"}
    world.now += pacing.PARKED_MS
    assert read(queries).paused == {"telegram": ""}


def test_the_time_of_the_last_good_probe_is_read(queries: StageQueries) -> None:
    DynamoFeed("state_table").put_probed_at(1_234)
    assert read(queries).probed_at == 1_234
