"""The page about one signal, as `explain` prints it."""

import re
from typing import Any

import pytest
from signalengine.signals import public

from tests.core.exits.test_risk import CASES, of_case
from tests.infra.cli.conftest import Cli, run_ok
from tests.infra.cli.documents import (
    OPEN,
    WON,
    detail,
)
from tests.infra.cli.stand_in import Stack

pytestmark = pytest.mark.enable_socket


def test_explain_prints_events_scores_and_levels(cli: Cli, stack: Stack) -> None:
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    assert "2 events" not in out  # one supported it, the other did not
    assert "1 event supported long" in out
    assert "ema cross on 5m bars, strength 50 (spread 1, atr 2)" in out
    assert "- vwap reclaim on 1m bars" in out
    assert "Long scored 65.0%, short 20.0%; 85% of the weights had data." in out
    assert re.search(r"trend +█+ +50 +20% +20", out)  # bar, value, weight, the other side
    assert "no data for oi" in out
    assert re.search(r"take profit +102.00 +\+2.00%", out)
    assert re.search(r"stop loss +99.00 +-1.00%", out)
    assert "after 1 min" in out
    assert re.search(r"┈.* TP 102.00", out)
    assert "▲" in out
    assert "telegram:424242" in out
    assert "cooling down for another 2 min" in out  # a neighbour


def test_explain_prints_the_stages_of_each_delivery(cli: Cli, stack: Stack) -> None:
    found = detail()
    found["signal"]["market"] = "live"
    stack.documents[f"/signals/{WON.signal_id}"] = found
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    assert (
        "opened telegram:424242: bar closed → stored 388 ms → published 42 ms → acknowledged 770 ms"
    ) in out
    assert "WebSocket clients do not acknowledge" in out


def test_explain_prints_the_stages_that_are_known(cli: Cli, stack: Stack) -> None:
    """A replay's bars have no wall time; an earlier version stored no publication."""
    found = detail()
    found["signal"]["market"] = "recording"
    (receipt,) = found["receipts"]
    del receipt["published_at"]
    found["receipts"].append(receipt | {"kind": "closed", "sent_at": None})
    stack.documents[f"/signals/{WON.signal_id}"] = found
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    assert "opened telegram:424242: stored → acknowledged 812 ms" in out
    assert "closed telegram:424242:" not in out


def test_explain_marks_an_open_signal(cli: Cli, stack: Stack) -> None:
    out = run_ok(cli, stack, "explain", OPEN.signal_id).out
    assert "still open" in out
    assert re.search(r"take profit +98.00 +\+2.00%", out)  # a short's gain is below


def test_explain_prints_how_far_an_open_signal_is(cli: Cli, stack: Stack) -> None:
    """In the dashboard's words; the stop is where it has moved."""
    found = detail()
    found["signal"] |= {"closed_at": None, "status": "open", "expires_at": 3_600_000}
    found["bars"] = [
        [0, 100.0, 100.0, 100.0, 100.0, 1.0],
        [300_000, 100.0, 101.0, 100.0, 101.0, 1.0],
    ]
    stack.documents[f"/signals/{WON.signal_id}"] = found
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    for name, value in (
        ("risk to reward", "1 : 2.00"),
        ("last price", "101.00"),
        ("to TP", "1.00 R"),
        ("to SL", "2.00 R"),
        ("result so far", "1.00 R  before costs"),
        ("time left", "54 min 0 s"),
    ):
        assert re.search(rf"{name} +{value}", out)
    assert "stop now" not in out
    found["signal"]["progress"] = [{"name": "stop1", "at": 1, "price": 100.5}]
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    assert re.search(r"stop now +100.50\s+to TP +1.00 R\s+to SL +0.50 R", out)
    hit = {"name": "target1", "touched_at": 1, "closed_at": 1, "price": 102.0, "fraction": 0.5}
    found["signal"]["progress"] = [hit, *found["signal"]["progress"]]
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    assert re.search(r"result so far +1.50 R  before costs", out)  # 2 R of a half, 1 R of the rest
    found["bars"] = []
    assert "time left" not in run_ok(cli, stack, "explain", WON.signal_id).out


def test_explain_measures_a_closed_signal_by_its_farthest_target(cli: Cli, stack: Stack) -> None:
    found = detail()
    found["signal"]["exits"] = {"targets": [{"price": 101.0}, {"price": 104.0}]}
    stack.documents[f"/signals/{WON.signal_id}"] = found
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    assert re.search(r"risk to reward +1 : 4.00", out)
    assert "time left" not in out
    found["signal"]["sl_price"] = found["signal"]["entry_price"]
    assert re.search(r"risk to reward +–", run_ok(cli, stack, "explain", WON.signal_id).out)


def test_explain_names_expired_data(cli: Cli, stack: Stack) -> None:
    gone = {"decision": None, "bars": [], "receipts": [], "neighbours": [], "events": []}
    stack.documents[f"/signals/{WON.signal_id}"] = detail(**gone)
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    assert "no longer stored" in out
    assert "no delivery is recorded" in out


def test_explain_prints_a_models_opinion(cli: Cli, stack: Stack) -> None:
    found = detail()
    opinion = {"model": "lgbm-0123456789abcdef", "mode": "gate", "long": 0.71, "short": 0.1}
    found["decision"]["opinion"] = opinion
    stack.documents[f"/signals/{WON.signal_id}"] = found
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    assert "The model lgbm-0123456 (gate) gave long 71.0%, short 10.0%." in out


def test_explain_prints_every_quality_note(cli: Cli, stack: Stack) -> None:
    found = detail()
    found["signal"] |= {"quality": {"gap_s": 60.0, "stream_age_ms": 9_000}, "ambiguous": True}
    stack.documents[f"/signals/{WON.signal_id}"] = found
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    assert "1 min of this market are missing" in out
    assert "silent for 9.0 s" in out
    assert "counted as the stop" in out


def test_weights_of_another_policy_are_not_made_up(cli: Cli, stack: Stack) -> None:
    found = detail()
    found["signal"]["policy_digest"] = "0" * 12
    stack.documents[f"/signals/{WON.signal_id}"] = found
    assert re.search(r"trend +█+ +50 +– +20", run_ok(cli, stack, "explain", WON.signal_id).out)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["result"]))
def test_results_in_r_are_those_of_the_messages(
    cli: Cli, stack: Stack, case: dict[str, Any]
) -> None:
    found = detail()
    found["signal"] |= public(of_case(case)) | {"id": WON.signal_id}
    stack.documents[f"/signals/{WON.signal_id}"] = found
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    assert re.search(rf"risk to reward +{re.escape(case['reward'] or '–')}\n", out)
    assert re.search(rf"gross in R +{re.escape(case['result'] or '–')}\n", out)


def test_parts_of_a_closed_position_have_their_gain(cli: Cli, stack: Stack) -> None:
    found = detail()
    found["signal"]["fills"] = [
        {"name": "target1", "price": 102.0, "fraction": 0.5, "closed_at": 1},
        {"name": "stop", "price": 100.0, "fraction": 0.5, "closed_at": 2},
    ]
    stack.documents[f"/signals/{WON.signal_id}"] = found
    out = run_ok(cli, stack, "explain", WON.signal_id).out
    assert re.search(r"target1 +50% at 102.00  2.00 R\n", out)
    assert re.search(r"stop +50% at 100.00  0.00 R\n", out)
