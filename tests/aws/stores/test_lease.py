"""The lease: one holder at a time, renewed, let go, or run out."""

import pytest
from signalengine_aws.runtime import clients
from signalengine_aws.stores.lease import LASTS_MS, LEASE_KEY, Answer, DynamoLease, LeaseAwayError

from tests.aws.world import World


def two(world: World) -> tuple[DynamoLease, DynamoLease]:
    made = clients.session().create_client("dynamodb")
    return DynamoLease(made, "state_table", "one"), DynamoLease(made, "state_table", "two")


def test_the_first_to_ask_holds_it_and_the_other_is_told_who(world: World) -> None:
    one, other = two(world)
    assert one.acquire() == Answer(True, "one")
    assert other.acquire() == Answer(False, "one")
    assert one.acquire() == Answer(True, "one")
    (row,) = world.rows("STATE_TABLE")
    assert row["symbol"] == {"S": LEASE_KEY}


def test_what_is_not_renewed_runs_out(world: World) -> None:
    one, other = two(world)
    one.acquire()
    assert not other.acquire().mine
    world.now += LASTS_MS - 1
    assert not other.acquire().mine
    world.now += 1
    assert other.acquire() == Answer(True, "two")
    assert one.acquire() == Answer(False, "two"), "who comes back late stands by"


def test_what_is_renewed_does_not_run_out_however_long_it_lasts(world: World) -> None:
    one, other = two(world)
    for _ in range(20):
        world.now += LASTS_MS // 3
        assert one.acquire().mine
        assert not other.acquire().mine


@pytest.mark.parametrize("off_ms", [-7_200_000, 7_200_000])
def test_a_clock_two_hours_off_neither_takes_a_lease_nor_keeps_it(
    world: World, off_ms: int
) -> None:
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


def test_a_clock_that_is_set_back_waits_again_and_no_longer(world: World) -> None:
    one, other = two(world)
    one.acquire()
    other.acquire()
    world.now -= 3_600_000
    assert not other.acquire().mine
    world.now += LASTS_MS
    assert other.acquire().mine


def test_who_lets_go_is_followed_at_once_and_nobody_lets_go_of_another_s(world: World) -> None:
    one, other = two(world)
    one.acquire()
    other.release()
    assert not other.acquire().mine
    one.release()
    assert other.acquire().mine


def test_a_table_that_is_not_there_is_a_passing_trouble(world: World) -> None:
    made = clients.session().create_client("dynamodb")
    with pytest.raises(LeaseAwayError):
        DynamoLease(made, "nowhere", "one").acquire()
