"""The lease: one holder at a time, renewed, let go, or run out."""

import pytest
from signalengine_aws.runtime import clients
from signalengine_aws.stores.lease import LASTS_MS, LEASE_KEY, Answer, DynamoLease, LeaseAwayError

from tests.aws.world import World


def two(world: World) -> tuple[DynamoLease, DynamoLease]:
    made = clients.session().create_client("dynamodb")
    return DynamoLease(made, "state_table", "one"), DynamoLease(made, "state_table", "two")


def test_the_first_task_holds_the_lease_and_the_other_learns_the_holder(world: World) -> None:
    one, other = two(world)
    assert one.acquire() == Answer(True, "one")
    assert other.acquire() == Answer(False, "one")
    assert one.acquire() == Answer(True, "one")
    (row,) = world.rows("STATE_TABLE")
    assert row["symbol"] == {"S": LEASE_KEY}


def test_a_lease_expires_without_renewal(world: World) -> None:
    one, other = two(world)
    one.acquire()
    assert not other.acquire().mine
    world.now += LASTS_MS - 1
    assert not other.acquire().mine
    world.now += 1
    assert other.acquire() == Answer(True, "two")
    assert one.acquire() == Answer(False, "two"), "who comes back late stands by"


def test_a_renewed_lease_does_not_expire(world: World) -> None:
    one, other = two(world)
    for _ in range(20):
        world.now += LASTS_MS // 3
        assert one.acquire().mine
        assert not other.acquire().mine


@pytest.mark.parametrize("off_ms", [-7_200_000, 7_200_000])
def test_a_clock_two_hours_off_neither_takes_nor_extends_a_lease(world: World, off_ms: int) -> None:
    made = clients.session().create_client("dynamodb")
    right = DynamoLease(made, "state_table", "right", lambda: world.now)
    wrong = DynamoLease(made, "state_table", "wrong", lambda: world.now + off_ms)
    for holder, other in ((right, wrong), (wrong, right)):
        for _ in range(6):
            assert holder.acquire().mine
            assert not other.acquire().mine
            world.now += LASTS_MS // 3
        world.now += LASTS_MS  # the holder has died
        other.acquire()
        world.now += LASTS_MS
        assert other.acquire().mine
        other.release()


def test_after_a_clock_is_set_back_the_wait_starts_again(world: World) -> None:
    one, other = two(world)
    one.acquire()
    other.acquire()
    world.now -= 3_600_000
    assert not other.acquire().mine
    world.now += LASTS_MS
    assert other.acquire().mine


def test_a_released_lease_is_free_at_once_and_only_its_holder_releases_it(world: World) -> None:
    one, other = two(world)
    one.acquire()
    other.release()
    assert not other.acquire().mine
    one.release()
    assert other.acquire().mine


def test_a_missing_table_is_a_transient_error(world: World) -> None:
    made = clients.session().create_client("dynamodb")
    with pytest.raises(LeaseAwayError):
        DynamoLease(made, "nowhere", "one").acquire()


def test_only_the_very_first_holder_is_the_first(world: World) -> None:
    one, other = two(world)
    assert one.acquire().first
    assert not one.acquire().first
    assert not other.acquire().first
    one.release()
    assert other.acquire() == Answer(True, "two")
    assert not other.acquire().first
