"""Deciding: a scored close becomes a signal, or a verdict that says why not."""

from dataclasses import dataclass, replace
from math import nan
from typing import Any

from . import params
from .features import flat
from .policy import Policy
from .scoring import components, coverage, score
from .signals import (
    COMPONENTS,
    DIRECTIONS,
    Cooldown,
    Decision,
    Direction,
    DirectionScore,
    Evaluation,
    Signal,
    Verdict,
    signal_id,
)


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision, its signal if there is one, and the cooldown item as it is after it."""

    decision: Decision
    signal: Signal | None
    cooldown: Cooldown


@dataclass(frozen=True, slots=True)
class _Ruling:
    verdict: Verdict
    direction: Direction | None
    reason: str


def decide(
    evaluation: Evaluation, cooldown: Cooldown | None, policy: Policy, code_version: str
) -> Decided:
    """Score both directions and rule; reads nothing but its arguments."""
    scores = {d: score_direction(evaluation, d, policy) for d in DIRECTIONS}
    before = cooldown or Cooldown(evaluation.symbol, last_scored=0)
    ruling = _rule(evaluation, scores, before, policy)
    signal = None
    if ruling.verdict is Verdict.EMITTED and ruling.direction is not None:
        signal = open_signal(evaluation, ruling.direction, scores, policy, code_version)
    decision = Decision(
        symbol=evaluation.symbol,
        close_time=evaluation.close_time,
        verdict=ruling.verdict,
        direction=ruling.direction,
        price=evaluation.price,
        scores={name: row for name, row in scores.items()},  # noqa: C416 - widens the key type
        events=evaluation.events,
        quality=evaluation.quality,
        market=evaluation.market,
        policy_digest=policy.digest,
        code_version=code_version,
        signal_id=None if signal is None else signal.signal_id,
        reason=ruling.reason,
    )
    return Decided(decision, signal, _after(before, evaluation, signal, policy))


def score_direction(evaluation: Evaluation, direction: Direction, policy: Policy) -> DirectionScore:
    """Score one direction from the evaluation's own snapshot."""
    side = 1.0 if direction == "long" else -1.0
    f = flat(evaluation.features, evaluation.context)
    parts = [nan] * len(COMPONENTS)
    components(f, side, policy.numbers, parts)
    named = {name: x if x == x else None for name, x in zip(COMPONENTS, parts, strict=True)}
    return DirectionScore(
        score=score(parts, policy.numbers),
        coverage=coverage(parts, policy.numbers),
        components=named,
        missing=tuple(name for name, x in named.items() if x is None),
        backed=(named["event"] or 0.0) > 0.0,
    )


def _rule(
    e: Evaluation, scores: dict[Direction, DirectionScore], before: Cooldown, policy: Policy
) -> _Ruling:
    """The verdict, the first that applies; data comes before opinion, cost and cooldown last."""
    unfit = _unfit(e, before, policy)
    if unfit is not None:
        return unfit
    rivals = [d for d in DIRECTIONS if scores[d].backed]
    if not rivals:
        return _Ruling(Verdict.BELOW_THRESHOLD, None, "no event speaks for a direction")
    best = max(rivals, key=lambda d: scores[d].score)
    top = scores[best]
    if top.coverage < policy.coverage:
        words = f"data for {top.coverage:.0%} of the weights, {policy.coverage:.0%} needed"
        return _Ruling(Verdict.INSUFFICIENT_DATA, best, words)
    if len(rivals) == 2 and scores["long"].score == scores["short"].score:
        return _Ruling(Verdict.TIE, None, f"long and short both score {top.score:.4f}")
    if top.score < policy.threshold:
        words = f"{best} scores {top.score:.4f}, {policy.threshold:.2f} needed"
        return _Ruling(Verdict.BELOW_THRESHOLD, best, words)
    return (
        _afford(e, best, policy)
        or _cool(e, best, before)
        or _Ruling(Verdict.EMITTED, best, f"{best} scores {top.score:.4f}")
    )


def _unfit(e: Evaluation, before: Cooldown, policy: Policy) -> _Ruling | None:
    if e.close_time < before.last_scored:
        return _Ruling(Verdict.OUT_OF_ORDER, None, f"{before.last_scored} was scored before")
    if e.unwarm:
        return _Ruling(Verdict.NOT_WARM, None, f"warming up: {', '.join(e.unwarm)}")
    if e.tainted:
        return _Ruling(Verdict.GAP, None, f"a hole in the bars of {', '.join(e.tainted)}")
    late = e.sent_at - e.close_time
    if late > policy.fresh_ms:
        return _Ruling(Verdict.STALE_DATA, None, f"the bar came {late / 1000:.1f} s late")
    return None


def _afford(e: Evaluation, direction: Direction, policy: Policy) -> _Ruling | None:
    reach = policy.tp_atr * _atr(e, policy) / e.price
    need = policy.cost_gate * policy.round_trip
    if reach > 0.0 and reach >= need:
        return None
    words = f"TP is {reach * 1e4:.1f} bps away, costs ask for {need * 1e4:.1f}"
    return _Ruling(Verdict.COST_TOO_HIGH, direction, words)


def _cool(e: Evaluation, direction: Direction, before: Cooldown) -> _Ruling | None:
    side_until = before.long_until if direction == "long" else before.short_until
    until = max(before.until, side_until)
    if until <= e.close_time:
        return None
    words = f"cooling down for {(until - e.close_time) // 1000} s more"
    return _Ruling(Verdict.COOLDOWN, direction, words)


def open_signal(
    e: Evaluation,
    direction: Direction,
    scores: dict[Direction, DirectionScore],
    policy: Policy,
    code_version: str,
) -> Signal:
    """Return the signal that this evaluation opens: entry at the close, levels in ATRs."""
    side = 1.0 if direction == "long" else -1.0
    entry, atr, mine = e.price, _atr(e, policy), scores[direction]
    return Signal(
        signal_id=signal_id(policy.digest, e.symbol, e.close_time, direction),
        symbol=e.symbol,
        direction=direction,
        score=mine.score,
        close_time=e.close_time,
        entry_price=entry,
        tp_price=entry + side * policy.tp_atr * atr,
        sl_price=entry - side * policy.sl_atr * atr,
        atr=atr,
        atr_interval=policy.atr_interval,
        expires_at=e.close_time + policy.ttl_ms,
        components=mine.components,
        missing=mine.missing,
        events=e.events,
        quality=e.quality,
        market=e.market,
        policy_digest=policy.digest,
        code_version=code_version,
        fee_bps=policy.fee_bps,
        slippage_bps=policy.slippage_bps,
    )


def _atr(e: Evaluation, policy: Policy) -> float:
    return e.features[policy.atr_interval]["atr"] or 0.0


def _after(before: Cooldown, e: Evaluation, signal: Signal | None, policy: Policy) -> Cooldown:
    last = max(before.last_scored, e.close_time)
    if signal is None:
        return replace(before, last_scored=last)
    rearm: dict[str, Any] = {f"{signal.direction}_until": e.close_time + policy.rearm_ms}
    return replace(
        before,
        last_scored=last,
        until=e.close_time + policy.cooldown_ms,
        signal_id=signal.signal_id,
        **rearm,
    )


def enabled_kinds(policy: Policy) -> tuple[str, ...]:
    """Return the event kinds that this policy looks for on any interval."""
    return tuple(
        kind
        for number, kind in enumerate(params.KINDS)
        if any(policy.numbers[params.ENABLED + number * 4 + i] for i in range(4))
    )
