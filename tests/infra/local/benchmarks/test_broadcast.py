"""The benchmark of many clients: a shard is posted by the deployed code, and shards are counted."""

import pytest
from signalengine_aws.application.broadcast import CLIENTS_A_SHARD

from infra.local.benchmarks.broadcast import listed, management_api, post


@pytest.mark.enable_socket
def test_each_client_of_a_shard_is_posted_to() -> None:
    with management_api(None) as address:
        shard = post(address, "", 40)
    assert (shard.clients, shard.sent) == (40, 40)
    assert shard.wall_s > 0
    assert shard.cpu_ms_a_post > 0


def test_the_parent_passes_every_client_on() -> None:
    assert listed(CLIENTS_A_SHARD + 1)[1] == 2
