"""Decisions: a scored close becomes a signal, or a verdict with the reason against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan

from .errors import ModelError, PolicyError
from .intervals import INTERVALS
from .kinds import EVENT_KINDS
from .models.model import Model, probability
from .params import ATR_FEATURE, COST_NEED
from .policy import Policy
from .protections import Recent, Refusal, as_reached, refusals
from .rules import (
    CODE,
    EMITTED,
    LAST_SCORED,
    LONG_COVERAGE,
    LONG_PARTS,
    LONG_SCORE,
    LONG_UNTIL,
    OUT_SIZE,
    SHORT_COVERAGE,
    SHORT_PARTS,
    SHORT_SCORE,
    SHORT_UNTIL,
    SIDE,
    UNTIL,
    blend,
    cool_down,
    gate,
    levels,
    protect,
    reach,
    rule,
    score_sides,
)
from .signals import (
    COMPONENTS,
    DIRECTIONS,
    Cooldown,
    Decision,
    Direction,
    DirectionScore,
    Evaluation,
    Opinion,
    Signal,
    Verdict,
    signal_id,
)
from .snapshot import EVENTS_LONG, EVENTS_SHORT, flat


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision, its signal if there is one, and the cooldown item as it is after it."""

    decision: Decision
    signal: Signal | None
    cooldown: Cooldown


def decide(
    evaluation: Evaluation,
    cooldown: Cooldown | None,
    policy: Policy,
    code_version: str,
    model: Model | None = None,
    recent: Recent | None = None,
    behind: Mapping[str, int] | None = None,
) -> Decided:
    """Score both directions and apply the policy's rules; reads nothing but its arguments.

    With a model, its probabilities count as the policy's `ai` defines. `recent` is what the
    policy's protections need: the signals of this policy and market that `memory_ms` covers;
    `behind` the symbols of which they are not all known, with the time (ms) each had reached.
    Raises ModelError when the policy needs a model and this is another, or none, and PolicyError
    when it has protections and `recent` was not given.
    """
    check_model(policy, model)
    before = cooldown or Cooldown(evaluation.symbol, last_scored=0)
    snapshot = flat(evaluation.features, evaluation.context)
    row, opinion = _scored(evaluation, snapshot, before, policy, model)
    late = dict(behind or {}) if policy.protections.on and row[CODE] == EMITTED else {}
    refused = _refused(evaluation, row, policy, recent, late)
    scores = direction_scores(row, snapshot)
    verdict, direction = _VERDICTS[int(row[CODE])], _DIRECTIONS[row[SIDE]]
    signal = None
    if verdict is Verdict.EMITTED and direction is not None:
        mine = scores[direction]
        signal = open_signal(evaluation, snapshot, direction, mine, policy, code_version)
    decision = Decision(
        symbol=evaluation.symbol,
        close_time=evaluation.close_time,
        verdict=verdict,
        direction=direction,
        price=evaluation.price,
        scores=scores,
        events=evaluation.events,
        quality=evaluation.quality,
        market=evaluation.market,
        policy_digest=policy.digest,
        code_version=code_version,
        signal_id=None if signal is None else signal.signal_id,
        reason=_reason(
            evaluation, verdict, direction, scores, snapshot, before, policy, opinion, refused
        ),
        opinion=opinion,
        protections=tuple(one.rule for one in refused),
        behind=late,
    )
    return Decided(decision, signal, _after(before, evaluation, signal, policy))


_VERDICTS = tuple(Verdict)
_DIRECTIONS: Mapping[float, Direction | None] = {1.0: "long", -1.0: "short", 0.0: None}
_SIDES = {direction: side for side, direction in _DIRECTIONS.items()}


def check_model(policy: Policy, model: Model | None) -> None:
    """Raise ModelError unless the policy needs no model, or this one."""
    needed = policy.ai.model
    if policy.ai.mode != "off" and (model is None or model.digest != needed):
        found = "there is none" if model is None else f"this is {model.digest}"
        raise ModelError(f"policy {policy.name!r} needs model {needed} and {found}")


def _scored(
    evaluation: Evaluation,
    snapshot: list[float],
    before: Cooldown,
    policy: Policy,
    model: Model | None,
) -> tuple[list[float], Opinion | None]:
    """Return the decision row (slots of `rules`) and the model's opinion."""
    cool = _cool(before)
    if before.signal_id in {_signal_id(evaluation, direction, policy) for direction in DIRECTIONS}:
        cool = [cool[LAST_SCORED], 0.0, 0.0, 0.0]  # this close's own: a retry decides the same
    row = [nan] * OUT_SIZE
    score_sides(snapshot, policy.numbers, [nan] * len(COMPONENTS), row)
    opinion = None if model is None else opinion_of(model, snapshot, row, policy)
    apply_rules(
        opinion,
        snapshot,
        float(evaluation.close_time),
        float(evaluation.sent_at - evaluation.close_time),
        _tick(evaluation),
        bool(evaluation.unwarm),
        bool(evaluation.tainted),
        cool,
        policy,
        row,
    )
    return row, opinion


def apply_rules(
    opinion: Opinion | None,
    snapshot: list[float],
    close_time: float,
    late_ms: float,
    tick: float,
    unwarm: bool,
    tainted: bool,
    cool: list[float],
    policy: Policy,
    row: list[float],
) -> None:
    """Write the verdict on the scores in `row`, with a model's opinion where there is one."""
    ai = policy.ai
    if opinion is not None and ai.mode == "blend":
        blend(row, opinion.long, opinion.short, ai.weight)
    rule(snapshot, close_time, late_ms, tick, unwarm, tainted, cool, policy.numbers, row)
    if opinion is not None and ai.mode == "gate":
        gate(row, opinion.long, opinion.short, ai.minimum)


def _refused(
    evaluation: Evaluation,
    row: list[float],
    policy: Policy,
    recent: Recent | None,
    behind: Mapping[str, int],
) -> tuple[Refusal, ...]:
    """Return the protections that forbid what the rules would emit, and change the verdict."""
    if not policy.protections.on:
        return ()
    if recent is None:
        raise PolicyError(f"policy {policy.name!r} has protections: recent signals are needed")
    if row[CODE] != EMITTED:
        return ()
    known, t = as_reached(recent, behind), evaluation.close_time
    found = refusals(known, evaluation.symbol, t, policy.protections)
    if found:
        protect(row)
    return found


def opinion_of(model: Model, snapshot: list[float], row: list[float], policy: Policy) -> Opinion:
    """Return a model's probabilities at a close; `row` has the scores of both sides."""
    return Opinion(
        model=model.digest,
        mode=policy.ai.mode,
        long=probability(model, snapshot, 1.0, row),
        short=probability(model, snapshot, -1.0, row),
    )


def _signal_id(evaluation: Evaluation, direction: Direction, policy: Policy) -> str:
    return signal_id(policy.digest, evaluation.symbol, evaluation.close_time, direction)


def _tick(evaluation: Evaluation) -> float:
    return nan if evaluation.tick_size is None else evaluation.tick_size


def _cool(before: Cooldown) -> list[float]:
    times = (before.last_scored, before.until, before.long_until, before.short_until)
    return [float(t) for t in times]


def direction_scores(row: list[float], snapshot: list[float]) -> dict[str, DirectionScore]:
    """Return both directions' scores from a row that `rules.score_sides` wrote."""
    return {
        "long": _direction(row, snapshot[EVENTS_LONG], LONG_SCORE, LONG_COVERAGE, LONG_PARTS),
        "short": _direction(row, snapshot[EVENTS_SHORT], SHORT_SCORE, SHORT_COVERAGE, SHORT_PARTS),
    }


def _direction(
    row: list[float], backing: float, at: int, covered: int, parts: int
) -> DirectionScore:
    values = row[parts : parts + len(COMPONENTS)]
    named = {name: x if x == x else None for name, x in zip(COMPONENTS, values, strict=True)}
    return DirectionScore(
        score=row[at],
        coverage=row[covered],
        components=named,
        missing=tuple(name for name, x in named.items() if x is None),
        backed=backing > 0.0,
    )


def _reason(
    evaluation: Evaluation,
    verdict: Verdict,
    direction: Direction | None,
    scores: dict[str, DirectionScore],
    snapshot: list[float],
    before: Cooldown,
    policy: Policy,
    opinion: Opinion | None,
    refused: tuple[Refusal, ...],
) -> str:
    """Return the verdict in words, with the numbers behind it."""
    best = scores[direction] if direction else max(scores.values(), key=lambda row: row.score)
    match verdict:
        case Verdict.OUT_OF_ORDER | Verdict.NOT_WARM | Verdict.GAP | Verdict.STALE_DATA:
            return _unfit(evaluation, verdict, before)
        case Verdict.INSUFFICIENT_DATA:
            return f"data for {best.coverage:.1%} of the weights, {policy.coverage:.1%} needed"
        case Verdict.TIE:
            return f"long and short both score {best.score:g}"
        case Verdict.BELOW_THRESHOLD:
            if direction is None:
                return "no event backs a direction"
            return f"{direction} scores {best.score:g}, {policy.threshold:g} needed"
        case Verdict.COST_TOO_HIGH:
            far, need = reach(snapshot, policy.numbers), policy.numbers[COST_NEED]
            return f"TP is {far * 1e4:.2f} bps away, costs need {need * 1e4:.2f}"
        case Verdict.OUT_OF_RANGE:
            size = snapshot[int(policy.numbers[ATR_FEATURE])] / evaluation.price
            return f"an ATR of {size:.2%} of the price leaves no room for TP and SL"
        case Verdict.BELOW_TICK:
            side, tick, entry = _SIDES[direction], _tick(evaluation), evaluation.price
            tp, sl = levels(snapshot, side, tick, policy.numbers)
            return f"on ticks of {tick}, TP {tp} and SL {sl} leave no room at {entry}"
        case Verdict.COOLDOWN:
            until = before.long_until if direction == "long" else before.short_until
            left = max(before.until, until) - evaluation.close_time
            return f"cooling down for {-(-left // 1000)} s more"
        case Verdict.MODEL_VETO:
            assert opinion is not None  # noqa: S101 - without one there is no veto
            chance = opinion.long if direction == "long" else opinion.short
            return f"the model gives {direction} {chance:.1%}, {policy.ai.minimum:.1%} needed"
        case Verdict.PROTECTED:
            return "; ".join(one.reason for one in refused)
        case Verdict.EMITTED:
            return f"{direction} scores {best.score:g}"


def _unfit(evaluation: Evaluation, verdict: Verdict, before: Cooldown) -> str:
    """Return why the data of a close is not fit to be scored."""
    if verdict is Verdict.OUT_OF_ORDER:
        return f"{before.last_scored} was scored before"
    if verdict is Verdict.NOT_WARM:
        return f"warming up: {', '.join(evaluation.unwarm)}"
    if verdict is Verdict.GAP:
        return f"a hole in the bars of {', '.join(evaluation.tainted)}"
    return f"the bar came {(evaluation.sent_at - evaluation.close_time) / 1000:.1f} s late"


def open_signal(
    evaluation: Evaluation,
    snapshot: list[float],
    direction: Direction,
    mine: DirectionScore,
    policy: Policy,
    code_version: str,
) -> Signal:
    """Return the signal that this evaluation opens: entry at the close, levels on the tick."""
    tp, sl = levels(snapshot, _SIDES[direction], _tick(evaluation), policy.numbers)
    return Signal(
        signal_id=_signal_id(evaluation, direction, policy),
        symbol=evaluation.symbol,
        direction=direction,
        score=mine.score,
        close_time=evaluation.close_time,
        entry_price=evaluation.price,
        tp_price=tp,
        sl_price=sl,
        atr=snapshot[int(policy.numbers[ATR_FEATURE])],
        atr_interval=policy.atr_interval,
        expires_at=evaluation.close_time + policy.ttl_ms,
        components=mine.components,
        missing=mine.missing,
        events=evaluation.events,
        quality=evaluation.quality,
        market=evaluation.market,
        policy_digest=policy.digest,
        code_version=code_version,
        fee_bps=policy.fee_bps,
        slippage_bps=policy.slippage_bps,
    )


def _after(
    before: Cooldown, evaluation: Evaluation, signal: Signal | None, policy: Policy
) -> Cooldown:
    cool = _cool(before)
    side = 0.0 if signal is None else float(signal.side)
    cool_down(cool, float(evaluation.close_time), side, policy.numbers)
    return Cooldown(
        symbol=evaluation.symbol,
        last_scored=int(cool[LAST_SCORED]),
        until=int(cool[UNTIL]),
        long_until=int(cool[LONG_UNTIL]),
        short_until=int(cool[SHORT_UNTIL]),
        signal_id=before.signal_id if signal is None else signal.signal_id,
    )


def enabled_kinds(policy: Policy) -> tuple[str, ...]:
    """Return the event kinds that this policy looks for on any interval."""
    return tuple(
        kind.name
        for kind in EVENT_KINDS
        if any(policy.numbers[kind.number + i] for i in range(len(INTERVALS)))
    )
