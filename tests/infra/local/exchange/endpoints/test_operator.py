"""The operator's endpoints: status, pace, faults, open interest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.exchange.endpoints.operator import OperatorApi
from tests.infra.local.exchange.samples import MIDNIGHT, Server, served, two_symbols


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with served(two_symbols(tmp_path)) as running:
        yield running


def test_the_status_is_that_of_the_playback(server: Server) -> None:
    status = server.status()
    assert (status["state"], status["now"], status["start"]) == ("waiting", MIDNIGHT, MIDNIGHT)
    assert (status["speed"], status["market"], status["connections"]) == ("max", "recording", 0)
    assert status["bars_sent"] == {"AAAUSDT": 0, "BBBUSDT": 0}


def test_an_invalid_pace_is_refused(server: Server) -> None:
    url = server.url("/_local/pace")
    for body in ({"until": MIDNIGHT}, {"until": None}):
        assert server.operator.post(url, json=body, timeout=5).status_code == 200
    for bad in ({}, {"until": True}, {"until": "later"}, []):
        expected = 200 if bad == {} else 400
        assert server.operator.post(url, json=bad, timeout=5).status_code == expected


def test_open_interest_needs_a_span_of_a_day_at_most(server: Server) -> None:
    for query in ({}, {"startTime": 0}, {"startTime": 0, "endTime": 86_400_001}, {"endTime": "x"}):
        assert server.get("/_local/openInterest", **query).status_code == 400
    assert server.get("/_local/openInterest", startTime=0, endTime=1).json() == []


def test_every_path_is_local(server: Server) -> None:
    exchange = server.exchange
    api = OperatorApi(
        exchange.state, exchange.hub, exchange.ledger, exchange._pace, exchange.faults
    )
    assert all(route.path.startswith("/_local/") for route in api.routes())
