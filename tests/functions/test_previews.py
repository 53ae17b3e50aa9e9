"""Previews through the real functions: of a set as it is, they are what the stack has done."""

from collections.abc import Iterator
from typing import Any

import pytest
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.policy import default_policy
from signalengine.signals import Signal
from signalengine.stats.performance import pct
from signalengine.strategy.sets import StrategySet
from signalengine_aws.api.queries import previews
from signalengine_aws.stores.pagination import EVER
from signalengine_aws.stores.signals import DynamoSignals
from signalengine_aws.stores.strategies import Strategy

from tests.aws.sets import deploy, sets_of
from tests.aws.world import World, emptied, new_world
from tests.core.strategy.texts import RUNNER
from tests.functions import test_strategy_sets
from tests.functions.api_requests import LambdaContext
from tests.functions.conftest import forget_processes
from tests.functions.test_change_settings import TOKEN, ask
from tests.functions.test_strategy_sets import Stack

SYMBOL = "SOLUSDT"
"""`classic` opens a signal of it before the week, and one in it."""
MINUTES, WEEK = 330, 65
"""So many are played, and the week of these tests is so long: it begins after a retained state."""
SETS: list[StrategySet] = []


@pytest.fixture(scope="module")
def played() -> Iterator[World]:
    """Hours of a symbol with `classic` and a live set."""
    with new_world() as made, pytest.MonkeyPatch.context() as patch, emptied(made, patch):
        forget_processes()
        made.set_operator_token(TOKEN)
        SETS[:] = sets_of(deploy(patch, runner=RUNNER)["runner"], 0.9)
        patch.setattr(previews, "DAYS", WEEK * MINUTE_MS / DAY_MS)
        patch.setattr(test_strategy_sets, "SYMBOL", SYMBOL)
        stack = Stack(made, LambdaContext())
        stack.register(SETS[0], "promote")
        stack.play(0, MINUTES, step=30)
        yield made
        forget_processes()


def preview(name: str, **parameters: float) -> dict[str, Any]:
    answer = ask("preview", {"name": name, "parameters": parameters, "symbols": [SYMBOL]})
    assert answer.status == 200, answer.text
    body: dict[str, Any] = answer.body
    return body


def stored(name: str, start: int) -> list[tuple[Any, ...]]:
    """What the stack has published or stored of a set from a time on."""
    listed = DynamoSignals("signals_table", strategy=Strategy(name))
    rows = listed.of_symbol(SYMBOL, EVER, None, 500).rows
    return [_row(one.signal) for _, one in reversed(rows) if one.signal.close_time >= start]


def _row(one: Signal) -> tuple[Any, ...]:
    end = one.settlement
    outcome = None if end is None else end.outcome.value
    net = None if end is None else pct(end.net_return)
    return one.signal_id, one.close_time, one.entry_price, outcome, net


def listed(side: dict[str, Any]) -> list[tuple[Any, ...]]:
    names = ("id", "close_time", "entry_price", "outcome", "net_pct")
    return [tuple(one[name] for name in names) for one in side["list"]]


def test_a_set_as_it_is_previews_what_it_has_done(played: World) -> None:
    body = preview(SETS[0].key)
    assert (body["since"], body["symbols"], body["skipped"]) == (body["start"], [SYMBOL], [])
    expected = stored(SETS[0].key, body["start"])
    assert len(expected) > 2
    assert None in {one[3] for one in expected}  # still open
    assert listed(body["current"]) == expected
    assert [one["name"] for one in body["live"]] == ["classic"]


def test_classic_as_it_is_previews_what_it_has_done(played: World) -> None:
    body = preview("classic")
    expected = stored("classic", body["start"])
    assert len(expected) == 1
    assert len(stored("classic", 0)) == 2
    assert listed(body["current"]) == listed(body["proposed"]) == expected
    assert body["current"]["digest"] == default_policy().digest
    (beside,) = body["live"]
    assert listed(beside) == stored(SETS[0].key, body["start"])


def test_another_policy_makes_other_signals(played: World) -> None:
    body = preview("classic", sl_atr=0.05, cost_gate=0.0)
    ((now, close, price, ended, _),) = listed(body["current"])
    ((other, *rest, outcome, net),) = listed(body["proposed"])
    assert rest == [close, price]
    assert (other != now, ended, outcome) == (True, "expired", "sl_hit")
    proposed = body["proposed"]
    assert (proposed["signals"], proposed["closed"], proposed["wins"]) == (1, 1, 0)
    assert proposed["net_pct"] == proposed["avg_pct"] == net < 0
    assert proposed["r_sum"] < -1.0  # the costs are on top of the risk
    assert (proposed["win_rate_low"], proposed["win_rate"]) == (0.0, 0.0)
    assert 0.5 < proposed["win_rate_high"] < 1.0
    assert proposed["avg_pct_low"] is None
    assert preview("classic", threshold=1.0)["proposed"]["signals"] == 0


def test_another_policy_of_events_is_folded_by_itself(played: World) -> None:
    """Nothing fires with these, so nothing is scored; the live set beside is as it was."""
    never = {"ema_cross.full_atr": 1e9, "volume_spike.z": 1e9, "rsi_extreme.low": 0.001,
             "rsi_extreme.high": 99.999}  # fmt: skip
    body = preview("classic", **{f"events.{name}": value for name, value in never.items()})
    assert len(listed(body["current"])) == 1
    assert body["proposed"]["signals"] <= 1
    assert listed(body["live"][0]) == stored(SETS[0].key, body["start"])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"threshold": 2.0}, "policy: threshold = 2 must be in (0, 1]"),
        ({"name": 1.0}, "there is no number 'name' in the policy"),
        ({"weights.luck": 1.0}, "there is no number 'weights.luck' in the policy"),
        ({"protections.stops": 2.0}, "has protections"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(
    played: World, parameters: dict[str, float], message: str
) -> None:
    answer = ask("preview", {"name": "classic", "parameters": parameters, "symbols": [SYMBOL]})
    assert answer.status == 400
    assert message in answer.body["detail"]


def test_symbols_that_do_not_fit_are_for_the_next_request(
    played: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "MOST_SYMBOLS", 1)
    body = {"name": "classic", "symbols": [SYMBOL, "FOOUSDT"]}
    answer = ask("preview", body).body
    assert (answer["symbols"], answer["skipped"], answer["unknown"]) == ([SYMBOL], ["FOOUSDT"], [])
    answer = ask("preview", {**body, "symbols": ["FOOUSDT"]}).body
    assert (answer["symbols"], answer["skipped"], answer["unknown"]) == ([], [], ["FOOUSDT"])
    assert any("no state of these symbols" in note for note in answer["notes"])


def test_a_week_that_takes_too_long_is_refused(
    played: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "MOST_S", -1.0)
    answer = ask("preview", {"name": "classic", "symbols": [SYMBOL]})
    assert answer.status == 400
    assert f"a week of {SYMBOL} takes too long" in answer.body["detail"]
