"""Fault schedules: rows are validated, and a fault is active for its span of event time only."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.exchange.faults.schedule import FORMS, Fault, read_fault
from infra.local.exchange.market.bars import MINUTE_MS
from infra.local.exchange.protocol.streams import parse
from tests.infra.local.exchange.samples import (
    MIDNIGHT,
)

NOW = MIDNIGHT + MINUTE_MS


SYMBOLS = ("AAAUSDT", "BBBUSDT")


@pytest.mark.parametrize("kind", FORMS)
def test_every_kind_is_read_with_its_defaults_and_shown_as_read(kind: str) -> None:
    raw = {"kind": kind, "symbol": "AAAUSDT"} if "symbol" in FORMS[kind].takes else {"kind": kind}
    fault = read_fault(raw, NOW)
    assert (fault.at, fault.span) == (NOW, None)
    assert read_fault(fault.to_dict(), 0) == fault


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ([], "a JSON object"),
        ({"kind": "gone"}, "not one of silent"),
        ({"kind": "silent", "delay_ms": 5}, "takes no delay_ms, but stream, symbol"),
        ({"kind": "silent", "stream": "candle"}, "no stream, nor of kline"),
        ({"kind": "late", "delay_ms": -1}, "delay_ms: -1 is not a whole number"),
        ({"kind": "late", "at": True}, "at: True is not a whole number"),
        ({"kind": "malformed", "every": 0}, "not 1 or more"),
        ({"kind": "halt"}, "halt needs one"),
        ({"kind": "refuse_rest", "path": 5}, "path: 5 is not a text"),
    ],
)
def test_a_wrong_fault_is_refused_with_the_valid_values(raw: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_fault(raw, NOW)


@given(at=st.integers(0, 10**13), span=st.integers(0, 10**6), after=st.integers(-10, 10**6))
def test_a_fault_is_active_from_its_time_on_for_its_span(at: int, span: int, after: int) -> None:
    assert Fault("silent", at, span).on(at + after) == (0 <= after < span)
    assert Fault("silent", at).on(at + after) == (after >= 0)


def test_a_fault_matches_a_class_a_stream_or_a_symbol() -> None:
    kline, marks = (parse(name, SYMBOLS) for name in ("aaausdt@kline_1m", "!markPrice@arr@1s"))
    assert kline is not None
    assert marks is not None
    assert Fault("silent", 0, stream="kline").hits(kline)
    assert not Fault("silent", 0, stream="kline").hits(marks)
    assert Fault("silent", 0, stream="!markPrice@arr@1s", symbol="BBBUSDT").hits(marks)
    assert not Fault("silent", 0, symbol="BBBUSDT").hits(kline)
