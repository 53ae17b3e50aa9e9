"""Channels through send_channels, disturbed: nothing lost, nothing twice outside the window."""

from collections.abc import Iterator

import pytest
from signalengine_aws.application import send_channels
from signalengine_aws.channels.push.contacts import DynamoBrowsers
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions

from infra.local.channels.push import Push
from infra.local.channels.server import services
from tests.aws.world import World, new_world
from tests.channel_clients import PatientPoster
from tests.channel_server import running_channels
from tests.functions.channel_faults import FAULTS, MAYBE, REFUSALS, SIGNALS, Row, Trial
from tests.functions.queue_stack import forget_processes_of
from tests.paths import ROOT

pytestmark = pytest.mark.enable_socket

PAGE = ROOT / "docs" / "channels.md"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        yield made


def forget() -> None:
    """Start a new process of the function."""
    forget_processes_of(
        send_channels._config, send_channels.destinations_of, send_channels.deliveries_of
    )


@pytest.fixture(params=list(REFUSALS))
def trial(
    world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Trial]:
    world.reset()
    forget()
    known = [one for one in services() if one.name != "push"]
    with running_channels([*known, Push(lambda: world.now)]) as server:
        poster = PatientPoster(server)
        monkeypatch.setattr(send_channels, "client_of", lambda _allowed: poster)
        made = Trial(world, server, request.param)
        for key, value in made.environment().items():
            monkeypatch.setenv(key, value)
        yield made
        made.remove()
        forget()


def check(row: Row) -> None:
    """Compare a row with what its fault may do."""
    refused = row.fault == "message refused"
    assert (row.sent, row.lost) == (2 * SIGNALS, 0), row
    assert row.set_aside == (1 if refused else 0), row
    assert row.arrived == row.sent - row.set_aside, row
    assert row.again == row.in_window, f"twice outside of the window: {row}"
    assert row.again == (1 if row.fault.endswith("after") else 0), row
    assert not row.again or row.fault in MAYBE


def test_nothing_is_lost_and_nothing_comes_twice_outside_of_the_window(trial: Trial) -> None:
    rows = [trial.row(fault) for fault in (*FAULTS, *REFUSALS[trial.channel])]
    for row in rows:
        check(row)
    table = PAGE.read_text()
    missing = [row.text() for row in rows if row.text() not in table]
    assert missing == [], "docs/channels.md shows other rows"


@pytest.mark.parametrize("trial", ["push"], indirect=True)
def test_a_browser_that_is_gone_is_forgotten(trial: Trial) -> None:
    """Its subscription ends, and its endpoint is removed: nothing is sent to it again."""
    trial.server.fault("push", "error", error="410")
    contact = trial.key.partition(":")[2]
    assert DynamoBrowsers("subscriptions_table").get(contact) is not None
    trial.send()
    assert DynamoBrowsers("subscriptions_table").get(contact) is None
    stored = DynamoSubscriptions("subscriptions_table").get(trial.key)
    assert stored is not None
    assert not stored.active
    assert trial.server.received("push") == []
