"""Several shards on the logs of the same groups, simulated."""

import pytest

from infra.local.capacity.groups import appended


@pytest.mark.parametrize("symbols", [16, 500])
def test_one_shard_tries_each_entry_once(symbols: int) -> None:
    found = appended(symbols, 1)
    assert (found.tries, found.given_up) == (1.0, 0.0)
    assert found.p50_ms == pytest.approx(found.p95_ms)


def test_shards_contend_for_shared_groups_and_not_for_their_own() -> None:
    two, four = appended(500, 2), appended(500, 4)
    assert 1.5 < two.tries < four.tries
    assert two.p50_ms > appended(500, 1).p50_ms, "two shards that share groups are no faster"
    for shards in (2, 4):
        keyed = appended(500, shards, by_group=True)
        assert (keyed.tries, keyed.given_up) == (1.0, 0.0)
    assert appended(500, 4, by_group=True).p95_ms < appended(500, 1).p95_ms / 2


def test_a_simulation_can_be_repeated() -> None:
    assert appended(500, 4) == appended(500, 4)
