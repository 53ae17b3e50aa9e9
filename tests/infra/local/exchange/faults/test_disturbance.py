"""Faults on command: read strictly, timed by the exchange's clock, and gone when they are over."""

import json
from typing import Any

from infra.local.exchange.faults.disturbance import Disturbance
from infra.local.exchange.faults.schedule import Faults, read_fault
from infra.local.exchange.market.bars import MINUTE_MS
from infra.local.exchange.market.clock import Clock
from infra.local.exchange.protocol.hub import Closing, Message
from infra.local.exchange.protocol.streams import parse
from tests.infra.local.exchange.samples import (
    MIDNIGHT,
)

NOW = MIDNIGHT + MINUTE_MS
SYMBOLS = ("AAAUSDT", "BBBUSDT")
KLINE = (
    '{"e":"kline","E":1,"s":"AAAUSDT","k":{"t":0,"T":59999,"s":"AAAUSDT","i":"1m","f":1,"L":2,'
    '"o":"2.0","c":"3.0","h":"3.5","l":"1.5","v":"10.0","n":2,"x":true,"q":"30","V":"4","Q":"12",'
    '"B":"0"}}'
)


def message(text: str = KLINE, name: str = "aaausdt@kline_1m", *, closing: bool = True) -> Message:
    stream = parse(name, SYMBOLS)
    assert stream is not None
    return Message(stream, text, Closing("AAAUSDT", NOW) if closing else None)


def disturbed(*faults: dict[str, Any], now: int = NOW) -> tuple[Disturbance, Clock]:
    clock, rows = Clock(now, None), Faults()
    for fault in faults:
        rows.add(read_fault({"at": NOW, **fault}, now))
    return Disturbance(rows, clock), clock


def texts(disturbance: Disturbance, *messages: Message) -> list[str]:
    return [out.text for one in messages for out in disturbance.apply(one)]


# --- what is read, and when it holds -------------------------------------------------------------


# --- what becomes of a message -------------------------------------------------------------------


def test_without_a_fault_of_this_moment_everything_passes_as_it_is() -> None:
    disturbance, clock = disturbed({"kind": "silent", "for": 10})
    assert texts(disturbance, message()) == []
    clock.reach(NOW + 10)
    assert disturbance.apply(message()) == [message()]
    assert not Disturbance(Faults(), clock)


def test_closing_klines_are_missing_late_or_altered() -> None:
    forming = message(closing=False)
    assert texts(disturbed({"kind": "missing"})[0], message(), forming) == [KLINE]
    assert texts(disturbed({"kind": "unformed"})[0], message()) == [KLINE]
    assert texts(disturbed({"kind": "unformed"})[0], forming) == []
    late, clock = disturbed({"kind": "late", "delay_ms": 500})
    assert texts(late, message(), forming) == [KLINE]
    clock.reach(NOW + 499)
    assert list(late.due()) == []
    clock.reach(NOW + 500)
    assert list(late.due()) == [message()]
    assert list(late.due()) == []
    (lie,) = texts(disturbed({"kind": "mismatch"})[0], message())
    bar = json.loads(lie)["k"]
    assert (bar["c"], bar["v"], bar["q"]) == ("2.0", "5.00000000", "15.00000000")


def test_messages_are_duplicated_or_reordered_and_none_is_lost() -> None:
    several = [message(f'{{"n":{n}}}') for n in range(6)]
    assert texts(disturbed({"kind": "duplicate"})[0], *several[:2]) == [
        '{"n":0}', '{"n":0}', '{"n":1}', '{"n":1}',
    ]  # fmt: skip
    order = [json.loads(t)["n"] for t in texts(disturbed({"kind": "reorder"})[0], *several)]
    assert order == [0, 2, 1, 4, 3]
    swapped, clock = disturbed({"kind": "reorder", "for": 1})
    published = texts(swapped, *several[:2])
    clock.reach(NOW + 1)
    assert [*published, *texts(swapped, several[2])] == ['{"n":0}', '{"n":2}', '{"n":1}']


def test_a_symbol_is_left_out_of_messages_about_all_symbols() -> None:
    marks = message('[{"s":"AAAUSDT","p":"1"},{"s":"BBBUSDT","p":"2"}]', "!markPrice@arr@1s")
    (left,) = texts(disturbed({"kind": "silent", "symbol": "AAAUSDT"})[0], marks)
    assert json.loads(left) == [{"s": "BBBUSDT", "p": "2"}]


def test_broken_huge_and_unknown_frames_are_inserted() -> None:
    broken, _ = disturbed({"kind": "malformed", "every": 2})
    published = texts(broken, *[message() for _ in range(40)])
    assert sum(text == KLINE for text in published) == 20
    assert len({text for text in published if text != KLINE}) >= 14
    big = texts(disturbed({"kind": "huge", "every": 1, "bytes": 10_000})[0], message())
    assert (len(big[0]) > 10_000, big[1]) == (True, KLINE)
    strange = texts(disturbed({"kind": "unknown"})[0], message())
    assert json.loads(strange[0])["e"] == "somethingNew"
    assert json.loads(strange[1])["k"] == json.loads(KLINE)["k"]


def test_event_times_are_off_by_the_skew() -> None:
    (text,) = texts(disturbed({"kind": "skew", "offset_ms": -5_000})[0], message())
    assert json.loads(text)["E"] == 1 - 5_000
    assert json.loads(text)["k"] == json.loads(KLINE)["k"]


# --- met by a client -----------------------------------------------------------------------------
