"""A set runs with the code it was registered with, or says why not."""

import json
from dataclasses import replace

import pytest
from signalengine.errors import PolicyError, StrategyError
from signalengine.strategy.deployed import defined, deployed
from signalengine.strategy.lifecycle import changed
from signalengine.strategy.loading import load_text

from .texts import CHANNEL, definition, find_channel, set_text

OTHER = load_text(CHANNEL.replace("1e300", "1e299"), "channel.py")


def test_a_set_runs_with_the_code_it_was_registered_with_only() -> None:
    one = changed(None, "shadow", 1, definition=definition(), text=set_text())
    assert deployed(one, find_channel).digest == one.digest
    with pytest.raises(StrategyError, match="was registered as"):
        deployed(one, lambda _: OTHER)
    with pytest.raises(StrategyError, match="there is no strategy"):
        deployed(replace(one, text=one.text.replace("channel", "gone")), find_channel)
    with pytest.raises(PolicyError, match="not JSON"):
        deployed(replace(one, text="{"), find_channel)


def test_a_stack_runs_strategies_that_compare_symbols_and_that_leave() -> None:
    text = CHANNEL.replace("S = State(V)\n", 'R = V.rank("rank", of=PRICE)\nS = State(V)\n', 1)
    text += "\n\ndef leave(v, f, side, p):\n    return v[PRICE] < v[BOTTOM]\n"
    one = defined(set_text(), lambda _: load_text(text, "channel.py"))
    assert one.loaded.strategy.compares
    assert one.code.leave is not None


def test_protections_over_the_whole_market_are_refused_and_those_of_a_symbol_are_not() -> None:
    def rules(**protections: float) -> str:
        raw = json.loads(set_text()) | {"rules": {"protections": protections}}
        return json.dumps(raw)

    assert defined(rules(stops=2), find_channel).protections.on
    with pytest.raises(StrategyError, match="channel@fast: of `loss`"):
        defined(rules(loss=0.05), find_channel)
