"""A peer reads its markets from the local exchange."""

import json
import sys
from http.client import HTTPConnection

import pytest

from research.benchmarks.child import OUR_PYTHON
from research.benchmarks.peers.local_exchange import running

pytestmark = pytest.mark.enable_socket


def test_the_exchange_lists_the_symbols_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OUR_PYTHON, sys.executable)
    with running(("BTCUSDT", "ADAUSDT")) as address:
        connection = HTTPConnection(address.removeprefix("http://"), timeout=60)
        connection.request("GET", "/fapi/v1/exchangeInfo")
        found = json.load(connection.getresponse())["symbols"]
        connection.close()
    assert {"BTCUSDT", "ADAUSDT"} <= {one["symbol"] for one in found}
    with pytest.raises(ConnectionRefusedError):
        connection.connect()
