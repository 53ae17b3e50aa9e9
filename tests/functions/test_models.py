"""A model live: what score_events decides with it is what research decides with it."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from signalengine.facts.stream import BarsFact
from signalengine.fold import SymbolState, advance
from signalengine_aws.stores.bars import DynamoBars
from signalengine_aws.stores.events import DynamoEvents

from functions.score_events import handler as module
from research.audit import parity
from tests.aws.folded import store
from tests.aws.world import World, stream_event
from tests.functions.test_protections import close_some, in_order, stored
from tests.research.backtest.markets import MODEL, asking, market, model

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("mode", "rules"),
    [("off", ()), ("blend", ()), ("gate", ("stops", "open_signals"))],
)
def test_the_function_with_a_model_decides_as_research_does(
    world: World,
    context: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    rules: tuple[str, ...],
) -> None:
    """Facts are folded and stored, the handler scores the closes, outcomes are committed."""
    (tmp_path / "model.json").write_text(json.dumps(MODEL))
    monkeypatch.setenv("AI_ENABLED", "true")
    monkeypatch.setenv("AI_MODEL_PATH", str(tmp_path / "model.json"))
    streams, policy = market(3, 4260), asking(mode, *rules)
    monkeypatch.setattr(module, "default_policy", lambda: policy)
    module.parts.cache_clear()
    events, bars = DynamoEvents("events_table"), list[BarsFact]()
    states = {symbol: SymbolState.fresh(symbol) for symbol in streams}
    for fact in in_order(streams):
        done = advance(states[fact.symbol], fact, policy)
        states[fact.symbol] = done.state
        if isinstance(fact, BarsFact):
            bars.append(fact)
        if done.evaluation is not None:
            events.put(done.evaluation)
    store(*bars)
    for batch in batched(world.stream("EVENTS_TABLE"), 10):
        module.handler(stream_event(batch), context)
    close_some(random.Random(1), DynamoBars("bars_table", "state_table"), 1.0)
    decisions, signals = stored(world)
    assert {one.opinion.mode for one in decisions if one.opinion} == {mode}
    assert signals
    assert parity(streams, decisions, signals, policy, model()) == []


def batched(records: list[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    for at in range(0, len(records), size):
        yield records[at : at + size]
