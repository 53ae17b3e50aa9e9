"""Deciding: a scored close becomes a signal, or a verdict that says why not."""

from dataclasses import dataclass
from math import nan

from .errors import ModelError, PolicyError
from .intervals import INTERVALS
from .kinds import EVENT_KINDS
from .models.model import Model, probability
from .params import ATR_FEATURE, COST_NEED
from .policy import Policy
from .protections import Recent, Refusal, refusals
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
    protect,
    reach,
    rule,
    score_sides,
    stop_loss,
    take_profit,
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
) -> Decided:
    """Score both directions and rule; reads nothing but its arguments.

    A model is asked if there is one; what its word counts is the policy's `ai`. `recent` is what
    the policy's protections look at: the signals of this policy and market that `memory_ms` covers.
    Raises ModelError when the policy wants a model and this is another, or none, and PolicyError
    when it has protections and `recent` was not given.
    """
    check_model(policy, model)
    before = cooldown or Cooldown(evaluation.symbol, last_scored=0)
    f = flat(evaluation.features, evaluation.context)
    out, opinion = _judged(evaluation, f, before, policy, model)
    refused = _refused(evaluation, out, policy, recent)
    scores = direction_scores(out, f)
    verdict, side = _VERDICTS[int(out[CODE])], out[SIDE]
    direction: Direction | None = None if side == 0.0 else ("long" if side > 0.0 else "short")
    signal = None
    if verdict is Verdict.EMITTED and direction is not None:
        signal = open_signal(evaluation, f, direction, scores[direction], policy, code_version)
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
        reason=_reason(evaluation, verdict, direction, scores, f, before, policy, opinion, refused),
        opinion=opinion,
        protections=tuple(one.rule for one in refused),
    )
    return Decided(decision, signal, _after(before, evaluation, signal, policy))


_VERDICTS = tuple(Verdict)


def check_model(policy: Policy, model: Model | None) -> None:
    """Raise ModelError unless the policy's model, if it wants one, is this one."""
    wanted = policy.ai.model
    if policy.ai.mode != "off" and (model is None or model.digest != wanted):
        found = "there is none" if model is None else f"this is {model.digest}"
        raise ModelError(f"policy {policy.name!r} asks for model {wanted} and {found}")


def _judged(
    e: Evaluation, f: list[float], before: Cooldown, policy: Policy, model: Model | None
) -> tuple[list[float], Opinion | None]:
    cool = _cool(before)
    if before.signal_id in {_signal_id(e, direction, policy) for direction in DIRECTIONS}:
        cool = [cool[LAST_SCORED], 0.0, 0.0, 0.0]  # this close's own: a retry decides the same
    late = float(e.sent_at - e.close_time)
    out = [nan] * OUT_SIZE
    score_sides(f, policy.numbers, [nan] * len(COMPONENTS), out)
    opinion = None if model is None else ask(model, f, out, policy)
    t, unwarm, tainted = float(e.close_time), bool(e.unwarm), bool(e.tainted)
    rule_with(opinion, f, t, late, unwarm, tainted, cool, policy, out)
    return out, opinion


def rule_with(
    opinion: Opinion | None,
    f: list[float],
    t: float,
    late_ms: float,
    unwarm: bool,
    tainted: bool,
    cool: list[float],
    policy: Policy,
    out: list[float],
) -> None:
    """Rule on the scores that were written, and on a model's word where there is one."""
    ai = policy.ai
    if opinion is not None and ai.mode == "blend":
        blend(out, opinion.long, opinion.short, ai.weight)
    rule(f, t, late_ms, unwarm, tainted, cool, policy.numbers, out)
    if opinion is not None and ai.mode == "gate":
        gate(out, opinion.long, opinion.short, ai.minimum)


def _refused(
    e: Evaluation, out: list[float], policy: Policy, recent: Recent | None
) -> tuple[Refusal, ...]:
    """Ask the protections about what would be emitted."""
    if not policy.protections.on:
        return ()
    if recent is None:
        raise PolicyError(f"policy {policy.name!r} has protections: recent signals are needed")
    if out[CODE] != EMITTED:
        return ()
    found = refusals(recent, e.symbol, e.close_time, policy.protections)
    if found:
        protect(out)
    return found


def ask(model: Model, f: list[float], out: list[float], policy: Policy) -> Opinion:
    """Return what a model says of a close: its flat snapshot, and the row its scores are in."""
    return Opinion(
        model=model.digest,
        mode=policy.ai.mode,
        long=probability(model, f, 1.0, out),
        short=probability(model, f, -1.0, out),
    )


def _signal_id(e: Evaluation, direction: Direction, policy: Policy) -> str:
    return signal_id(policy.digest, e.symbol, e.close_time, direction)


def _cool(before: Cooldown) -> list[float]:
    times = (before.last_scored, before.until, before.long_until, before.short_until)
    return [float(t) for t in times]


def direction_scores(out: list[float], f: list[float]) -> dict[str, DirectionScore]:
    """Return both directions' rows of what `rules.score_sides` wrote, by direction."""
    return {
        "long": _direction(out, f[EVENTS_LONG], LONG_SCORE, LONG_COVERAGE, LONG_PARTS),
        "short": _direction(out, f[EVENTS_SHORT], SHORT_SCORE, SHORT_COVERAGE, SHORT_PARTS),
    }


def _direction(
    out: list[float], backing: float, at: int, covered: int, parts: int
) -> DirectionScore:
    values = out[parts : parts + len(COMPONENTS)]
    named = {name: x if x == x else None for name, x in zip(COMPONENTS, values, strict=True)}
    return DirectionScore(
        score=out[at],
        coverage=out[covered],
        components=named,
        missing=tuple(name for name, x in named.items() if x is None),
        backed=backing > 0.0,
    )


def _reason(
    e: Evaluation,
    verdict: Verdict,
    direction: Direction | None,
    scores: dict[str, DirectionScore],
    f: list[float],
    before: Cooldown,
    policy: Policy,
    opinion: Opinion | None,
    refused: tuple[Refusal, ...],
) -> str:
    """Say the verdict in words, with the numbers behind it."""
    best = scores[direction] if direction else max(scores.values(), key=lambda row: row.score)
    match verdict:
        case Verdict.OUT_OF_ORDER | Verdict.NOT_WARM | Verdict.GAP | Verdict.STALE_DATA:
            return _unfit(e, verdict, before)
        case Verdict.INSUFFICIENT_DATA:
            return f"data for {best.coverage:.1%} of the weights, {policy.coverage:.1%} needed"
        case Verdict.TIE:
            return f"long and short both score {best.score:g}"
        case Verdict.BELOW_THRESHOLD:
            if direction is None:
                return "no event speaks for a direction"
            return f"{direction} scores {best.score:g}, {policy.threshold:g} needed"
        case Verdict.COST_TOO_HIGH:
            far, need = reach(f, policy.numbers), policy.numbers[COST_NEED]
            return f"TP is {far * 1e4:.2f} bps away, costs ask for {need * 1e4:.2f}"
        case Verdict.OUT_OF_RANGE:
            size = f[int(policy.numbers[ATR_FEATURE])] / e.price
            return f"an ATR of {size:.2%} of the price leaves no room for TP and SL"
        case Verdict.COOLDOWN:
            until = before.long_until if direction == "long" else before.short_until
            left = max(before.until, until) - e.close_time
            return f"cooling down for {-(-left // 1000)} s more"
        case Verdict.MODEL_VETO:
            assert opinion is not None  # noqa: S101 - without one there is no veto
            p = opinion.long if direction == "long" else opinion.short
            return f"the model gives {direction} {p:.1%}, {policy.ai.minimum:.1%} needed"
        case Verdict.PROTECTED:
            return "; ".join(one.reason for one in refused)
        case Verdict.EMITTED:
            return f"{direction} scores {best.score:g}"


def _unfit(e: Evaluation, verdict: Verdict, before: Cooldown) -> str:
    """Say why the data of a close could not be ruled on."""
    if verdict is Verdict.OUT_OF_ORDER:
        return f"{before.last_scored} was scored before"
    if verdict is Verdict.NOT_WARM:
        return f"warming up: {', '.join(e.unwarm)}"
    if verdict is Verdict.GAP:
        return f"a hole in the bars of {', '.join(e.tainted)}"
    return f"the bar came {(e.sent_at - e.close_time) / 1000:.1f} s late"


def open_signal(
    e: Evaluation,
    f: list[float],
    direction: Direction,
    mine: DirectionScore,
    policy: Policy,
    code_version: str,
) -> Signal:
    """Return the signal that this evaluation opens: entry at the close, levels in ATRs."""
    side = 1.0 if direction == "long" else -1.0
    return Signal(
        signal_id=_signal_id(e, direction, policy),
        symbol=e.symbol,
        direction=direction,
        score=mine.score,
        close_time=e.close_time,
        entry_price=e.price,
        tp_price=take_profit(f, side, policy.numbers),
        sl_price=stop_loss(f, side, policy.numbers),
        atr=f[int(policy.numbers[ATR_FEATURE])],
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


def _after(before: Cooldown, e: Evaluation, signal: Signal | None, policy: Policy) -> Cooldown:
    cool = _cool(before)
    side = 0.0 if signal is None else float(signal.side)
    cool_down(cool, float(e.close_time), side, policy.numbers)
    return Cooldown(
        symbol=e.symbol,
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
