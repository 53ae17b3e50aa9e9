"""Binance's stream protocol: names, requests, replies and classes of payloads."""

import json

import pytest
from signalengine.exchanges.binance.streams import BinanceStreams

from tests.core.exchanges.binance.test_messages import KLINE, MARK, ORDER

STREAMS = BinanceStreams()


def test_a_request_is_what_the_documentation_shows() -> None:
    assert STREAMS.kline("BTCUSDT") == "btcusdt@kline_1m"
    text = STREAMS.request("unsubscribe", ["btcusdt@kline_1m"], 7)
    assert json.loads(text) == {
        "method": "UNSUBSCRIBE", "params": ["btcusdt@kline_1m"], "id": 7,
    }  # fmt: skip


def test_a_frame_is_data_a_confirmation_or_a_refusal() -> None:
    data = {"stream": "btcusdt@kline_1m", "data": KLINE}
    assert STREAMS.is_data(data)
    assert STREAMS.data_of(data) == KLINE
    confirmed = {"result": None, "id": 3}
    assert not STREAMS.is_data(confirmed)
    assert STREAMS.confirms(confirmed, 3)
    assert not STREAMS.confirms(confirmed, 4)
    assert not STREAMS.refuses(confirmed)
    for refused in ({"code": 2, "msg": "Invalid request"}, {"error": {"code": 2}}):
        assert STREAMS.refuses(refused)


def test_classes_of_payloads_are_recognised_by_event_in_arrays_too() -> None:
    assert STREAMS.class_of([MARK]) == "mark"
    assert STREAMS.class_of(KLINE) == "kline"
    assert STREAMS.class_of(ORDER) == "liquidation"
    assert STREAMS.class_of({"e": "contractInfo"}) == "contract"
    assert STREAMS.class_of({"e": "bookTicker"}) is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (KLINE | {"st": 2}, "coin_margined"), ([MARK | {"st": 2}], "coin_margined"),
        (KLINE, "other_symbol"), ({"e": "aggTrade"}, "other_stream"), ("junk", "other_stream"),
    ],
)  # fmt: skip
def test_an_unused_payload_has_its_reason(data: object, why: str) -> None:
    assert STREAMS.why_unused(data) == why
