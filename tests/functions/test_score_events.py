"""score_events: a stored evaluation is decided once, whoever races and whatever comes twice."""

import copy
import json
from base64 import b64decode
from collections import Counter
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signalengine.decisions import Decided, decide
from signalengine.errors import TransientError
from signalengine.facts.stream import BarsFact, HistoryFact
from signalengine.fold import SymbolState, advance
from signalengine.policy import default_policy
from signalengine.signals import (
    Cooldown,
    Decision,
    Evaluation,
    Opinion,
    decision_from_json,
    signal_from_json,
)
from signalengine_aws.application.score_events import ScoreEvents
from signalengine_aws.runtime.packed_json import text_of
from signalengine_aws.stores.decisions import Commit, DynamoDecisions
from signalengine_aws.stores.events import DynamoEvents

from functions.score_events import handler as module
from tests.aws.law import assert_every_interruption_is_healed, clean_run, interrupted, outcome
from tests.aws.market import bars_facts, history
from tests.aws.world import Mode, Trouble, World, stream_event
from tests.core.markets import policy_with
from tests.core.models.test_model import FILE, model
from tests.examples import examples


@cache
def evaluations(symbol: str = "ETHUSDT", minutes: int = 45) -> tuple[Evaluation, ...]:
    """Three below the threshold, one signal, then some that it keeps down."""
    state, found = SymbolState.fresh(symbol), []
    past: list[BarsFact | HistoryFact] = [*history(symbol), *bars_facts(symbol, minutes)]
    for fact in past:
        step = advance(state, fact, default_policy())
        state = step.state
        if step.evaluation is not None:
            found.append(step.evaluation)
    return tuple(found)


@pytest.fixture
def records(world: World) -> list[dict[str, Any]]:
    """The stream of the events table, as compute_features left it."""
    events = DynamoEvents("events_table")
    for evaluation in evaluations():
        assert events.put(evaluation)
    return world.stream("EVENTS_TABLE").copy()


def scoring(**kwargs: Any) -> ScoreEvents:
    tables = DynamoDecisions("decisions_table", "cooldowns_table", "signals_table")
    given: dict[str, Any] = {"decisions": tables, "policy": default_policy()}
    given |= {"code_version": "test"}
    return ScoreEvents(**(given | kwargs))


def nothing() -> None:
    """Scoring starts from empty tables."""


def restart() -> None:
    module.parts.cache_clear()


def handle(records: list[dict[str, Any]], context: object) -> None:
    module.handler(stream_event(records), context)


@pytest.mark.slow
def test_every_interruption_of_a_batch_is_healed(
    world: World, records: list[dict[str, Any]], context: object
) -> None:
    run = partial(handle, records, context)
    calls = assert_every_interruption_is_healed(world, nothing, run, restart)
    verdicts = Counter(
        json.loads(text_of(row["body"]))["verdict"] for row in world.rows("DECISIONS_TABLE")
    )
    assert verdicts == {"below_threshold": 3, "emitted": 1, "cooldown": 2}
    assert len(world.rows("SIGNALS_TABLE")) == 1
    assert calls == 1 + 2 * len(records)  # the parameter sets once


@pytest.mark.slow
@settings(examples(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_repeating_and_interrupting_of_the_stream_leaves_the_same(
    world: World, records: list[dict[str, Any]], context: object, data: st.DataObject
) -> None:
    whole = partial(handle, records, context)
    expected, _ = clean_run(world, nothing, whole, restart)
    world.reset()
    restart()
    at = 0
    while at < len(records):
        size = data.draw(st.integers(1, len(records) - at))
        again = data.draw(st.integers(0, at))
        part = partial(handle, records[at - again : at + size], context)
        if data.draw(st.booleans()):
            mode: Mode = data.draw(st.sampled_from(("before", "after", "throttled")))
            interrupted(world, Trouble(data.draw(st.integers(0, 8)), mode), part, restart)
        part()
        at += size
    assert outcome(world) == expected


def test_a_close_that_meets_another_transaction_is_decided_all_the_same(
    world: World, records: list[dict[str, Any]], context: object
) -> None:
    whole = partial(handle, records, context)
    expected, _ = clean_run(world, nothing, whole, restart)
    world.reset()
    restart()
    world.trouble = Trouble(2, "conflict")
    whole()
    assert world.trouble.names[:5] == ("Query", *("GetItem", "TransactWriteItems") * 2)
    assert outcome(world) == expected


def test_a_signal_opens_with_its_outbox_and_index_attributes(
    world: World, records: list[dict[str, Any]], context: object
) -> None:
    handle(records, context)
    (row,) = world.rows("SIGNALS_TABLE")
    signal = signal_from_json(row["opening"]["S"])
    assert row["signal_id"] == {"S": signal.signal_id}
    assert row["day"] == {"S": "classic#2025-05-19"}
    assert row["series"] == {"S": f"classic#{signal.symbol}"}
    assert (row["open"], row["outbox"]) == ({"S": "1"}, {"S": "1"})
    assert row["pending"] == {"SS": ["opened"]}
    assert row["updated_at"] == {"N": str(world.now)}
    assert row["updated_day"] == {"S": "2025-05-20"}
    assert "settlement" not in row
    (cooldown,) = world.rows("COOLDOWNS_TABLE")
    assert cooldown["signal_id"] == {"S": signal.signal_id}
    assert cooldown["until"] == {"N": str(signal.close_time + 300_000)}


def test_a_cooldown_that_changed_meanwhile_is_read_and_decided_again(world: World) -> None:
    """Another process commits the signal between this one's read and its write."""
    signal_at = next(i for i, e in enumerate(evaluations()) if scores_signal(world, e))
    world.reset()
    rival, target = evaluations()[signal_at], evaluations()[signal_at + 1]
    slept: list[float] = []

    class Raced(DynamoDecisions):
        raced = False

        def commit(self, decided: Decided, read: Cooldown | None) -> Commit:
            if not self.raced:
                self.raced = True
                assert scoring().score(rival) is not None
            return super().commit(decided, read)

    tables = Raced("decisions_table", "cooldowns_table", "signals_table")
    decided = scoring(decisions=tables, sleep=slept.append).score(target)
    assert decided is not None
    assert decided.decision.verdict == "cooldown"
    assert len(slept) == 1
    assert len(world.rows("SIGNALS_TABLE")) == 1


def scores_signal(world: World, evaluation: Evaluation) -> bool:
    world.reset()
    decided = scoring().score(evaluation)
    return decided is not None and decided.signal is not None


def test_a_race_that_is_always_lost_is_raised_to_be_retried(world: World) -> None:
    class Lost(DynamoDecisions):
        def commit(self, decided: Decided, read: Cooldown | None) -> Commit:
            return Commit.CONTESTED

    tables = Lost("decisions_table", "cooldowns_table", "signals_table")
    slept: list[float] = []
    with pytest.raises(TransientError, match="contested"):
        scoring(decisions=tables, sleep=slept.append).score(evaluations()[0])
    assert len(slept) == 5
    assert all(0.0 <= wait <= 0.5 for wait in slept)


def test_a_decision_on_a_cooldown_that_is_not_stored_any_more_is_contested(world: World) -> None:
    """The condition in the transaction holds by itself: nothing of the decision is stored."""
    signal_at = next(i for i, e in enumerate(evaluations()) if scores_signal(world, e))
    world.reset()
    tables = DynamoDecisions("decisions_table", "cooldowns_table", "signals_table")
    assert scoring().score(evaluations()[0]) is not None
    stale = tables.cooldown(evaluations()[0].symbol)
    assert scoring().score(evaluations()[1]) is not None
    evaluation = evaluations()[signal_at]
    for read in (None, stale):
        decided = decide(evaluation, read, default_policy(), "test")
        assert tables.commit(decided, read) is Commit.CONTESTED
    assert world.rows("SIGNALS_TABLE") == []
    assert len(world.rows("DECISIONS_TABLE")) == 2


def test_an_evaluation_of_another_version_is_counted_and_passed_over(
    world: World, records: list[dict[str, Any]], context: object, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = json.loads(json.dumps(records[0], default=str))
    strange["dynamodb"]["NewImage"]["body"] = {"S": '{"unheard": "of"}'}
    handle([strange, *records], context)
    line = json.loads(capsys.readouterr().out.splitlines()[0])
    assert line["unreadable"] == 1
    assert line["decided"] == len(records)
    (letter,) = world.letters()
    assert letter["function"] == "score_events"
    assert letter["sequence_number"].startswith(letter["partition_key"])
    assert "evaluation: " in letter["reason"]
    assert "unheard" in b64decode(letter["data_base64_head"]).decode()


def test_an_evaluation_of_a_newer_version_is_decided_by_what_is_known_of_it(
    world: World, records: list[dict[str, Any]], context: object
) -> None:
    handle(records, context)
    expected = world.rows("DECISIONS_TABLE")
    world.reset()
    restart()
    newer = copy.deepcopy(records)
    for record in newer:
        image = record["dynamodb"]["NewImage"]
        body = json.loads(text_of(image["body"]))
        body["quality"]["unheard"] = 1
        image["body"] = {"S": json.dumps(body | {"unheard": "of"})}
    handle(newer, context)
    assert world.rows("DECISIONS_TABLE") == expected
    assert world.letters() == []


def test_changes_that_are_no_inserts_are_nothing(
    world: World, records: list[dict[str, Any]], context: object
) -> None:
    expired = {"eventName": "REMOVE", "dynamodb": {"Keys": {}}}
    handle([expired], context)
    assert world.rows("DECISIONS_TABLE") == []


def decisions(world: World) -> list[Decision]:
    """What is decided of the one symbol, oldest first."""
    found = [decision_from_json(text_of(row["body"])) for row in world.rows("DECISIONS_TABLE")]
    return sorted(found, key=lambda one: one.close_time)


def test_the_opinion_of_an_enabled_model_is_stored_with_the_decision(
    world: World,
    records: list[dict[str, Any]],
    context: object,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handle(records, context)
    plain = decisions(world)
    (tmp_path / "model.json").write_text(json.dumps(FILE))
    monkeypatch.setenv("AI_ENABLED", "true")
    monkeypatch.setenv("AI_MODEL_PATH", str(tmp_path / "model.json"))
    world.reset()
    restart()
    handle(records, context)
    asked = decisions(world)
    opinion = Opinion(model().digest, "off", long=0.7, short=0.2)
    assert asked == [replace(decision, opinion=opinion) for decision in plain]


def test_a_model_may_veto_what_the_rules_would_emit(world: World) -> None:
    gated = policy_with(ai={"mode": "gate", "model": model().digest, "minimum": 0.9})
    gate = scoring(policy=gated, model=model())
    verdicts = [gate.score(e) for e in evaluations()]
    assert "model_veto" in {d.decision.verdict for d in verdicts if d is not None}
    assert world.rows("SIGNALS_TABLE") == []
