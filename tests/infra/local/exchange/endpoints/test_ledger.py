"""The ledger of closing klines: the first time of each, and how many there were."""

import pytest

from infra.local.exchange.endpoints import ledger as module
from infra.local.exchange.endpoints.ledger import Ledger
from infra.local.exchange.protocol.hub import Closing


def test_a_closing_kline_counts_once_however_many_clients_get_it() -> None:
    ledger = Ledger(["AAAUSDT", "BBBUSDT"])
    ledger.note(Closing("AAAUSDT", 60_000))
    first = ledger.written["AAAUSDT"][60_000]
    ledger.note(Closing("AAAUSDT", 60_000))
    assert ledger.written["AAAUSDT"] == {60_000: first}
    assert ledger.counts == {"AAAUSDT": 1, "BBBUSDT": 0}


def test_the_oldest_times_are_dropped_and_the_counts_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOMENTS", 2)
    ledger = Ledger(["AAAUSDT"])
    for minute in range(1, 5):
        ledger.note(Closing("AAAUSDT", minute * 60_000))
    assert list(ledger.written["AAAUSDT"]) == [180_000, 240_000]
    assert ledger.counts["AAAUSDT"] == 4
