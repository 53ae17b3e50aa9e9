"""Several parameter sets through the real handlers, each decided and counted by itself."""

import itertools
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from signalengine.intervals import MINUTE_MS
from signalengine.signals import Signal, Verdict, signal_from_json
from signalengine.strategy.lifecycle import Action, Registered, changed
from signalengine.strategy.sets import StrategySet, as_text
from signalengine_aws.application import track_signals as tracking
from signalengine_aws.application.sets.running_sets import REGISTRY_MS
from signalengine_aws.stores import positions
from signalengine_aws.stores.decisions import DynamoDecisionLog
from signalengine_aws.stores.pagination import EVER
from signalengine_aws.stores.registry import DynamoRegistry
from signalengine_aws.stores.signals import DynamoSignals
from signalengine_aws.stores.strategies import Strategy

from functions.compute_features import handler as compute_features
from functions.publish_signals import handler as publish_signals
from functions.score_events import handler as score_events
from functions.track_signals import handler as track_signals
from tests.aws.market import START, bars_facts, heartbeat, history
from tests.aws.sets import deploy, sets_of
from tests.aws.world import World, kinesis_event, stream_event
from tests.core.strategy.texts import ON_TRIAL, RUNNER
from tests.functions.conftest import forget_processes

SYMBOL = "ETHUSDT"

FOLD_RAISES = RUNNER.replace('name="runner"', 'name="folding"').replace(
    "    s[PRICE] = bar[CLOSE]\n", "    s[PRICE] = bar[CLOSE] / (s[SEEN] - s[SEEN])\n"
)
EXITS_RAISE = RUNNER.replace('name="runner"', 'name="leaving"').replace(
    "    out[0] = v[PRICE] *", "    out[0] = v[PRICE] / (side - side) *"
)


PATIENT = (
    RUNNER.replace('name="runner"', 'name="patient"')
    .replace("ttl_minutes=15", "ttl_minutes=1440")
    .replace("side * 0.004", "side * 0.4")
)


class Stack:
    """The four functions, each with what the one before it has stored."""

    def __init__(self, world: World, context: object) -> None:
        self.world, self.context = world, context
        self.registry = DynamoRegistry("strategies_table")
        self._seen: Counter[str] = Counter()
        self._number = itertools.count()

    def register(self, one: StrategySet, *actions: Action) -> None:
        """Register a set, and do more with it."""
        first = partial(
            changed, action="shadow", now=self.world.now, definition=one, text=as_text(one)
        )
        self.registry.change(one.key, "ann", first)
        for action in actions:
            self.act(one.key, action)

    def act(self, name: str, action: Action) -> Registered:
        to = partial(changed, action=action, now=self.world.now, promotion=ON_TRIAL)
        return self.registry.change(name, "ann", to)

    def play(self, first: int, last: int, step: int = 5) -> None:
        """Play minutes, so many at a time."""
        if first == 0:
            self.world.now = START
            self.fold(*history(SYMBOL))
        facts = bars_facts(SYMBOL, last)
        for begin in range(first, last, step):
            part = facts[begin : begin + step]
            self.world.now = part[-1].close_time + 500
            self.fold(*part)
            self.follow("EVENTS_TABLE", score_events)
            beat = heartbeat(part[-1].close_time, SYMBOL)
            track_signals.handler(kinesis_event(*part, beat, first=begin), self.context)
            track_signals.handler({"sweep": True}, self.context)
            self.follow("SIGNALS_TABLE", publish_signals)

    def fold(self, *facts: Any) -> None:
        first = 1_000 * next(self._number)
        compute_features.handler(kinesis_event(*facts, first=first), self.context)

    def follow(self, table: str, module: Any) -> None:
        records = self.world.stream(table)
        news, self._seen[table] = records[self._seen[table] :], len(records)
        if news:
            module.handler(stream_event(news), self.context)

    def signals(self, name: str) -> list[Signal]:
        rows = self.world.rows("SIGNALS_TABLE")
        found = [signal_from_json(row["opening"]["S"]) for row in rows]
        return sorted(
            (one for one in found if one.strategy == name), key=lambda one: one.close_time
        )


@pytest.fixture
def stack(
    world: World, context: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Stack, list[StrategySet]]]:
    texts = {"runner": RUNNER, "folding": FOLD_RAISES, "leaving": EXITS_RAISE, "patient": PATIENT}
    loaded = deploy(monkeypatch, **texts)
    sets = [*sets_of(loaded["runner"], 0.9, 0.8), *sets_of(loaded["folding"], 0.9),
            *sets_of(loaded["leaving"], 0.9), *sets_of(loaded["patient"], 0.9)]  # fmt: skip
    world.now = START
    yield Stack(world, context), sets
    forget_processes()


def test_sets_are_decided_settled_and_counted_beside_classic(
    stack: tuple[Stack, list[StrategySet]],
) -> None:
    played, (live, shadow, *_) = stack
    played.register(live, "promote")
    played.register(shadow)
    played.play(0, 60)
    world = played.world
    rows = {row["signal_id"]["S"]: row for row in world.rows("SIGNALS_TABLE")}
    for one, published in ((live, True), (shadow, False)):
        signals = played.signals(one.key)
        assert len(signals) > 2
        assert {(s.shadow, s.policy_digest) for s in signals} == {(not published, one.digest)}
        ends = [row for s in signals if "settlement" in (row := rows[s.signal_id])]
        assert all(("updated_day" in row) is published for row in ends)
        assert all("pending" not in row and "outbox" not in row for row in ends)
        counted = [
            row for row in world.rows("PERFORMANCE_TABLE")
            if row["stats_key"]["S"] == f"{one.digest}:live{'' if published else ':shadow'}"
            and row["symbol"]["S"] == SYMBOL
        ]  # fmt: skip
        assert [int(row["closed"]["N"]) for row in counted] == [len(ends)]
        listed = DynamoSignals("signals_table", strategy=Strategy(one.key))
        month = listed.closed_of_month("2025-05", EVER, None, 99).rows
        assert len(month) == len(ends)
    ids = {message["event_id"].partition("#")[0] for message in world.published()}
    assert {s.signal_id for s in played.signals(live.key)} <= ids
    assert not {s.signal_id for s in played.signals(shadow.key)} & ids
    decided = Counter(row["series"]["S"] for row in world.rows("DECISIONS_TABLE"))
    assert decided.keys() >= {f"{one.key}#{SYMBOL}" for one in (live, shadow)}


def test_no_signal_of_a_set_opens_while_one_is_open(stack: tuple[Stack, list[StrategySet]]) -> None:
    played, (live, *_) = stack
    played.register(live)
    played.play(0, 60)
    rows = played.world.rows("SIGNALS_TABLE")
    stored = DynamoSignals("signals_table", strategy=Strategy(live.key))
    spans = []
    for row in rows:
        one = stored.get(row["signal_id"]["S"])
        assert one is not None
        if one.signal.strategy == live.key:
            end = one.signal.settlement
            spans.append((one.signal.close_time, end.closed_at if end else one.signal.expires_at))
    spans.sort()
    assert len(spans) > 2
    assert all(closed <= opened for (_, closed), (opened, _) in itertools.pairwise(spans))
    log = DynamoDecisionLog("decisions_table", strategy=Strategy(live.key))
    decided = [row for _, row in log.of_symbol(SYMBOL, EVER, None, 99).rows]
    waiting = [one for one in decided if one.verdict is Verdict.COOLDOWN]
    emitted = [one for one in decided if one.verdict is Verdict.EMITTED]
    assert len(emitted) == len(spans)
    assert all(one.reason.endswith(" is open") for one in waiting)
    assert waiting


def test_open_signals_of_a_retired_set_settle_and_are_published(
    stack: tuple[Stack, list[StrategySet]],
) -> None:
    played, (live, shadow, *_) = stack
    played.register(live, "promote")
    played.register(shadow)
    played.play(0, 10)
    opened = {one.key: played.signals(one.key) for one in (live, shadow)}
    assert all(opened.values())
    for one in (live, shadow):
        played.act(one.key, "retire")
    played.play(10, 40)
    for one in (live, shadow):
        assert played.signals(one.key) == opened[one.key]
    assert all("settlement" in row for row in played.world.rows("SIGNALS_TABLE")[:2])
    last = opened[live.key][-1].signal_id
    events = {message["event_id"] for message in played.world.published()}
    assert {f"{last}#opened", f"{last}#closed"} <= events
    assert not {one.signal_id for one in opened[shadow.key]} & {e.partition("#")[0] for e in events}


def test_a_set_that_raises_is_parked_by_whoever_runs_it(
    stack: tuple[Stack, list[StrategySet]],
) -> None:
    played, (_, shadow, folding, exits, _) = stack
    for one in (shadow, folding, exits):
        played.register(one)
    played.play(0, 30)
    found = played.registry.read()
    assert found[shadow.key].status == "shadow"
    assert found[folding.key].status == found[exits.key].status == "parked"
    assert found[folding.key].reason.startswith("folding.py, line ")
    assert found[exits.key].reason.startswith("leaving.py, line ")
    who = [played.registry.changes(one.key)[0].who for one in (folding, exits)]
    assert who == ["compute_features", "score_events"]
    assert len(played.signals(shadow.key)) > 1
    assert not played.signals(exits.key)
    (letter,) = played.world.letters()[:1]
    assert "ZeroDivisionError" in str(letter)


def test_classic_in_shadow_is_not_published(stack: tuple[Stack, list[StrategySet]]) -> None:
    played, _ = stack
    played.act("classic", "shadow")
    played.play(0, 50)
    signals = played.signals("")
    assert signals
    assert all(one.shadow for one in signals)
    assert played.world.published() == []
    played.act("classic", "retire")
    decided = len(played.world.rows("DECISIONS_TABLE"))
    played.world.now += REGISTRY_MS
    played.play(50, 60)
    assert len(played.world.rows("DECISIONS_TABLE")) <= decided + 1


def test_a_signal_that_is_open_for_hours_is_followed_from_where_it_was(
    stack: tuple[Stack, list[StrategySet]], monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = 60 * MINUTE_MS
    for module in (positions, tracking):
        monkeypatch.setattr(module, "LONG_MS", hour)
    played, (*_, patient) = stack
    played.register(patient)
    played.play(0, 75, step=15)
    (opened,) = played.signals(patient.key)
    found = positions.DynamoPositions("bars_table").of([opened])
    assert found[opened.signal_id].until >= opened.close_time + hour
    log = DynamoDecisionLog("decisions_table", strategy=Strategy(patient.key))
    verdicts = Counter(row.verdict for _, row in log.of_symbol(SYMBOL, EVER, None, 99).rows)
    assert verdicts[Verdict.EMITTED] == 1
    assert verdicts[Verdict.COOLDOWN] > 3
