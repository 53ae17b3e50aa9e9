"""Sizes of lots in a heartbeat: read strictly, and absent in those of older writers."""

from dataclasses import replace
from typing import Any

import pytest
from signalengine.errors import MalformedFactError
from signalengine.facts.feed import heartbeat_body, read_heartbeat
from signalengine.facts.lots import LotSize

from tests.aws.market import heartbeat

LOTS = {"BTCUSDT": LotSize(0.001, 0.001, 5.0)}


def test_a_heartbeat_without_them_is_as_it_was() -> None:
    body = heartbeat_body(heartbeat(60_000, "BTCUSDT"))
    assert "lot_sizes" not in body
    assert read_heartbeat(body).lot_sizes == {}


@pytest.mark.parametrize("row", [[], [1.0, 2.0], [0, 1, 1], [1, -1, 1], ["1", 1, 1], {}, None])
def test_a_row_that_is_no_lot_size_is_refused(row: Any) -> None:
    body = heartbeat_body(replace(heartbeat(60_000, "BTCUSDT"), lot_sizes=LOTS))
    assert read_heartbeat(body).lot_sizes == LOTS
    with pytest.raises(MalformedFactError):
        read_heartbeat(body | {"lot_sizes": {"BTCUSDT": row}})
