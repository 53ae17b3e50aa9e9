"""Signals as data: their ids, their one JSON form, and their public form."""

import hashlib
import json
from dataclasses import replace

import pytest
from signalengine.decisions import decide
from signalengine.facts.stream import Quality
from signalengine.policy import default_policy
from signalengine.settlement import settle
from signalengine.signals import (
    Cooldown,
    Signal,
    decision_from_json,
    evaluation_from_json,
    public,
    settled,
    signal_from_json,
    signal_id,
    to_json,
)

from .markets import T0
from .samples import bars, evaluation, signal


def closed(one: Signal) -> Signal:
    end = settle(one, bars([(100.0, 102.5, 97.5, 101.0)]))
    assert end is not None
    return settled(one, end)


def test_an_id_is_a_hash_of_what_it_names() -> None:
    text = f"5dd6:BTCUSDT:{T0}:long"
    assert (
        signal_id("5dd6", "BTCUSDT", T0, "long") == hashlib.sha256(text.encode()).hexdigest()[:24]
    )


def test_the_dedup_hash_is_that_of_earlier_versions() -> None:
    text = f"BTCUSDT:long:{T0 / 1000}:0.6543"
    assert signal().dedup_hash == hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("side", [1, -1])
def test_signals_read_back_from_their_json(side: int) -> None:
    one = replace(signal(side), quality=Quality(1.5, 20), components={"trend": 0.1, "oi": None})
    for item in (one, closed(one)):
        assert signal_from_json(to_json(item)) == item


def test_evaluations_and_decisions_read_back_from_their_json() -> None:
    e = evaluation(unwarm=("1h",), tainted=("1m", "5m"), quality=Quality(3.0, None))
    assert evaluation_from_json(to_json(e)) == e
    stepped = replace(e, tick_size=0.1)
    assert evaluation_from_json(to_json(stepped)) == stepped
    assert "tick_size" not in to_json(e), "its form is as before there were ticks"
    decision = decide(e, None, default_policy(), "v").decision
    assert decision_from_json(to_json(decision)) == decision


def test_the_json_form_is_canonical() -> None:
    """Keys sorted, no spaces: equal things are equal bytes, so replays can be compared."""
    text = to_json(Cooldown("BTCUSDT", 5))
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    e = evaluation()
    turned = replace(e, features=dict(reversed(list(e.features.items()))))
    assert to_json(turned) == to_json(e)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_never_written(bad: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_json(replace(signal(), score=bad))


def test_the_public_form_of_an_open_signal() -> None:
    shown = public(signal())
    assert (shown["status"], shown["outcome"], shown["closed_at"]) == ("open", None, None)
    assert shown["timestamp"] == T0 / 1000
    assert shown["return_pct"] is None
    json.dumps(shown, allow_nan=False)


def test_the_public_form_of_a_closed_signal_is_in_percent() -> None:
    shown = public(closed(signal()))
    assert (shown["status"], shown["outcome"]) == ("sl_hit", "sl_hit")
    assert (shown["gross_return_pct"], shown["return_pct"]) == (-1.0, -1.12)
    assert shown["closed_at"] == T0 / 1000 + 60
    assert shown["ambiguous"] is True
    json.dumps(shown, allow_nan=False)


def test_statistics_never_mix_policies_or_markets() -> None:
    keys = {
        signal().stats_key,
        replace(signal(), market="recording").stats_key,
        replace(signal(), policy_digest="other").stats_key,
    }
    assert len(keys) == 3


def test_fields_of_a_newer_version_are_left_out() -> None:
    one = closed(signal())
    raw = json.loads(to_json(one))
    for part in (raw, raw["quality"], raw["settlement"], *raw["events"]):
        part["unheard"] = {"of": 1}
    assert signal_from_json(json.dumps(raw)) == one
    decision = json.loads(to_json(decide(evaluation(), None, default_policy(), "v").decision))
    changed = decision | {"unheard": 1}
    changed["scores"] = {k: v | {"unheard": 1} for k, v in decision["scores"].items()}
    assert decision_from_json(json.dumps(changed)) == decision_from_json(json.dumps(decision))
