"""Decisions under a policy with protections, decided again from what was certain.

Which other symbols were behind depends on the order in which batches came, so an undisturbed run
decides otherwise. Each decision stores who was behind: with that, a recount has to agree.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from signalengine.decisions import decide
from signalengine.policy import Policy
from signalengine.protections import Past, past_of
from signalengine.settlement import settle
from signalengine.signals import (
    Cooldown,
    Decision,
    Evaluation,
    Signal,
    decision_from_json,
    evaluation_from_json,
    settled,
    to_json,
)
from signalengine_aws.runtime.packed_json import text_of
from signalengine_aws.stores.strategies import without_strategy

from ..market import policy
from ..world import World
from .items import stored_bars, stored_signals

CODE_VERSION: Final = "chaos"


def decided_otherwise(world: World, number: int) -> Iterator[str]:
    """Yield the decisions, and the signals, that a recount has not."""
    rules, signals = policy(number), {one.signal_id: one for one in stored_signals(world)}
    pasts = _pasts(world, signals.values())
    stored = _bodies(world, "decisions_table", decision_from_json)
    opened: set[str] = set()
    cooldowns: dict[str, Cooldown] = {}
    for evaluation in sorted(
        _bodies(world, "events_table", evaluation_from_json).values(),
        key=lambda one: (one.close_time, one.symbol),
    ):
        name = f"{evaluation.symbol} at {evaluation.close_time}"
        decision: Decision | None = stored.get((evaluation.symbol, evaluation.close_time))
        if decision is None:
            yield f"decisions: {name} is missing"
            continue
        recent = _recent(pasts, evaluation, rules)
        again = decide(
            evaluation, cooldowns.get(evaluation.symbol), rules, CODE_VERSION, None, recent,
            decision.behind,
        )  # fmt: skip
        cooldowns[evaluation.symbol] = again.cooldown
        if to_json(again.decision) != to_json(decision):
            yield f"decisions: {name} is {decision.verdict}, and a recount has {again.decision}"
        if again.signal is not None:
            opened.add(again.signal.signal_id)
    yield from (f"signals: {one} is missing" for one in sorted(opened - signals.keys()))
    yield from (f"signals: {one} was not decided" for one in sorted(signals.keys() - opened))


def _bodies(world: World, table: str, read: Any) -> dict[tuple[str, int], Any]:
    items = world.account.dynamodb.tables[table].items.values()
    return {
        (without_strategy(item["series"]["S"]), int(item["close_time"]["N"])): read(
            text_of(item["body"])
        )
        for item in items
        if not world.foreign.owns(item)
    }


def _pasts(world: World, signals: Iterable[Signal]) -> list[Past]:
    """Return what protections need of signals, each ended as its stored bars say."""
    found = []
    for signal in signals:
        end = settle(signal, stored_bars(world, signal.symbol))
        plain: Signal = signal if end is None else settled(signal, end)
        found.append(past_of(plain))
    return found


def _recent(pasts: list[Past], evaluation: Evaluation, rules: Policy) -> list[Past]:
    t, p = evaluation.close_time, rules.protections
    since, until = t - p.memory_ms(rules.ttl_ms), p.known_at(t)
    return [
        one
        for one in pasts
        if since <= one.opened_at <= until and (p.market_wide or one.symbol == evaluation.symbol)
    ]
