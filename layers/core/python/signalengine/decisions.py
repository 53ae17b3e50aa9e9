"""Decisions: a scored close becomes a signal, or a verdict with the reason against it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import NamedTuple

from .errors import ModelError, PolicyError
from .exits.forms import exits_of
from .exits.levels import EXITS_SIZE, FAULTS, STOP, TARGET, TTL_MINUTES, clear, fault, reach
from .indicators import PRICE
from .intervals import INTERVALS, MINUTE_MS
from .kinds import EVENT_KINDS
from .models.model import Model, probability
from .params import COST_NEED
from .policy import Policy
from .protections import Recent, Refusal, as_reached, refusals
from .rules import (
    CODE,
    LAST_SCORED,
    LONG_COVERAGE,
    LONG_PARTS,
    LONG_SCORE,
    LONG_UNTIL,
    OUT_SIZE,
    PARTS,
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
    rule,
    score_side,
)
from .signals import (
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
from .snapshot import flat
from .strategy.parameter_set import ParameterSet
from .text.formatting import fixed, latency, remaining, score, short_of, when
from .text.formatting import price as written
from .verdicts import EMITTED


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision, its signal if there is one, and the cooldown item as it is after it."""

    decision: Decision
    signal: Signal | None
    cooldown: Cooldown


class Sides(NamedTuple):
    """What a strategy says of a close, before the rules rule it."""

    price: float
    for_long: bool
    for_short: bool
    long_exits: list[float]
    """Rows of `exits.levels`; `rule` puts the chosen side's on the tick."""
    short_exits: list[float]

    def exits(self, direction: Direction) -> list[float]:
        return self.long_exits if direction == "long" else self.short_exits

    def within(self, evaluation: Evaluation) -> "Sides":
        """Return what is left of it: nothing enters outside the strategy's universe."""
        return self._replace(for_long=False, for_short=False) if evaluation.outside else self


def decide(
    evaluation: Evaluation,
    cooldown: Cooldown | None,
    policy: ParameterSet,
    code_version: str,
    model: Model | None = None,
    recent: Recent | None = None,
    behind: Mapping[str, int] | None = None,
) -> Decided:
    """Score both directions and apply the rules; reads nothing but its arguments.

    With a model, its probabilities count as the policy's `ai` defines. Protections need `recent`:
    the signals of this set and market that `memory_ms` covers; `behind` are the symbols of which
    they are not all known, with the time (ms) each had reached. Raises ModelError without the model
    that the policy needs, or with another, and PolicyError for protections without `recent`.
    """
    check_model(policy, model)
    before = cooldown or Cooldown(evaluation.symbol, last_scored=0)
    f, v = flat(evaluation.features, evaluation.context), values_of(evaluation, policy)
    sides = sides_of(v, f, policy).within(evaluation)
    row, opinion = _scored(evaluation, v, f, sides, before, policy, model)
    late = dict(behind or {}) if policy.protections.on and row[CODE] == EMITTED else {}
    refused = _refused(evaluation, row, policy, recent, late)
    scores = direction_scores(row, sides, policy)
    verdict, direction = _VERDICTS[int(row[CODE])], _DIRECTIONS[row[SIDE]]
    signal = None
    if verdict is Verdict.EMITTED and direction is not None:
        signal = _open(evaluation, f, direction, scores[direction], sides, policy, code_version)
    case = _Case(evaluation, verdict, direction, scores, f, sides, before, policy)
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
        reason=_reason(case, opinion, refused),
        opinion=opinion,
        protections=tuple(one.rule for one in refused),
        behind=late,
        across=evaluation.across,
        absent=evaluation.absent,
    )
    return Decided(decision, signal, _after(before, evaluation, signal, policy))


_VERDICTS = tuple(Verdict)
_DIRECTIONS: Mapping[float, Direction | None] = {1.0: "long", -1.0: "short", 0.0: None}
_SIDES = {direction: side for side, direction in _DIRECTIONS.items()}


def check_model(policy: ParameterSet, model: Model | None) -> None:
    """Raise ModelError unless the policy needs no model, or this one."""
    needed = policy.ai.model
    if policy.ai.mode != "off" and (model is None or model.digest != needed):
        found = "there is none" if model is None else f"this is {model.digest}"
        raise ModelError(f"policy {policy.name!r} needs model {needed} and {found}")


def values_of(evaluation: Evaluation, policy: ParameterSet) -> list[float]:
    """Return the strategy's own values at a close; NaN where unknown."""
    known = {**evaluation.values, **evaluation.across}
    found = [known.get(name) for name in policy.values]
    return [nan if value is None else value for value in found]


def sides_of(v: Sequence[float], f: Sequence[float], policy: ParameterSet) -> Sides:
    """Return which sides a strategy enters at a close, and with which exits."""
    code, p = policy.code, policy.parameters
    rows: list[list[float]] = []
    for side in (1.0, -1.0):
        row = [nan] * EXITS_SIZE
        clear(row)
        row[TTL_MINUTES] = float(policy.ttl_ms // MINUTE_MS)
        code.exits(v, f, side, p, row)
        rows.append(row)
    entered = [bool(code.entry(v, f, side, p)) for side in (1.0, -1.0)]
    return Sides(f[PRICE], entered[0], entered[1], rows[0], rows[1])


def score_sides(
    v: Sequence[float], f: Sequence[float], policy: ParameterSet, row: list[float]
) -> None:
    """Write components, scores and coverages of both sides.

    A strategy with `score` has one component; one with neither scores 1.
    """
    code, p = policy.code, policy.parameters
    for side in (1.0, -1.0):
        parts = [nan] * PARTS
        if code.components is not None:
            code.components(v, f, side, p, parts)
        else:
            parts[0] = 1.0 if code.score is None else float(code.score(v, f, side, p))
        score_side(parts, side, policy.numbers, row)


def _scored(
    evaluation: Evaluation,
    v: Sequence[float],
    f: list[float],
    sides: Sides,
    before: Cooldown,
    policy: ParameterSet,
    model: Model | None,
) -> tuple[list[float], Opinion | None]:
    """Return the decision row (slots of `rules`) and the model's opinion."""
    cool = _cool(before)
    if before.signal_id in {_signal_id(evaluation, direction, policy) for direction in DIRECTIONS}:
        cool = [cool[LAST_SCORED], 0.0, 0.0, 0.0]  # this close's own: a retry decides the same
    row = [nan] * OUT_SIZE
    score_sides(v, f, policy, row)
    opinion = None if model is None else opinion_of(model, f, row, policy)
    apply_rules(
        opinion,
        sides,
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
    sides: Sides,
    close_time: float,
    late_ms: float,
    tick: float,
    unwarm: bool,
    tainted: bool,
    cool: list[float],
    policy: ParameterSet,
    row: list[float],
) -> None:
    """Write the verdict on the scores in `row`, with a model's opinion where there is one."""
    ai = policy.ai
    if opinion is not None and ai.mode == "blend":
        blend(row, opinion.long, opinion.short, ai.weight)
    rule(
        close_time, late_ms, unwarm, tainted, sides.price, tick, sides.for_long, sides.for_short,
        sides.long_exits, sides.short_exits, cool, policy.numbers, row,
    )  # fmt: skip
    if opinion is not None and ai.mode == "gate":
        gate(row, opinion.long, opinion.short, ai.minimum)


def _refused(
    evaluation: Evaluation,
    row: list[float],
    policy: ParameterSet,
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


def opinion_of(
    model: Model, snapshot: list[float], row: list[float], policy: ParameterSet
) -> Opinion:
    """Return a model's probabilities at a close; `row` has the scores of both sides."""
    return Opinion(
        model=model.digest,
        mode=policy.ai.mode,
        long=probability(model, snapshot, 1.0, row),
        short=probability(model, snapshot, -1.0, row),
    )


def _signal_id(evaluation: Evaluation, direction: Direction, policy: ParameterSet) -> str:
    return signal_id(policy.digest, evaluation.symbol, evaluation.close_time, direction)


def _tick(evaluation: Evaluation) -> float:
    return nan if evaluation.tick_size is None else evaluation.tick_size


def _cool(before: Cooldown) -> list[float]:
    times = (before.last_scored, before.until, before.long_until, before.short_until)
    return [float(t) for t in times]


def direction_scores(
    row: list[float], sides: Sides, policy: ParameterSet
) -> dict[str, DirectionScore]:
    """Return both directions' scores from a row that `score_sides` wrote."""
    names = policy.components
    return {
        "long": _direction(row, names, sides.for_long, LONG_SCORE, LONG_COVERAGE, LONG_PARTS),
        "short": _direction(row, names, sides.for_short, SHORT_SCORE, SHORT_COVERAGE, SHORT_PARTS),
    }


def _direction(
    row: list[float], names: Sequence[str], backed: bool, at: int, covered: int, parts: int
) -> DirectionScore:
    values = row[parts : parts + len(names)]
    named = {name: x if x == x else None for name, x in zip(names, values, strict=True)}
    return DirectionScore(
        score=row[at],
        coverage=row[covered],
        components=named,
        missing=tuple(name for name, x in named.items() if x is None),
        backed=backed,
    )


class _Case(NamedTuple):
    """A close with its verdict, to be put into words."""

    evaluation: Evaluation
    verdict: Verdict
    direction: Direction | None
    scores: Mapping[str, DirectionScore]
    f: Sequence[float]
    sides: Sides
    before: Cooldown
    policy: ParameterSet


def _reason(case: _Case, opinion: Opinion | None, refused: tuple[Refusal, ...]) -> str:
    """Return the verdict in words, with the numbers behind it."""
    direction, policy, scores = case.direction, case.policy, case.scores
    best = scores[direction] if direction else max(scores.values(), key=lambda row: row.score)
    match case.verdict:
        case Verdict.OUT_OF_ORDER | Verdict.NOT_WARM | Verdict.GAP | Verdict.STALE_DATA:
            return _unfit(case.evaluation, case.verdict, case.before)
        case Verdict.INSUFFICIENT_DATA:
            have, need = short_of(best.coverage, policy.coverage)
            return f"data for {have} of the weights, {need} needed"
        case Verdict.TIE:
            return f"long and short both score {score(best.score)}"
        case Verdict.BELOW_THRESHOLD:
            if case.evaluation.outside:
                return "the symbol is not in the strategy's universe"
            if direction is None:
                return _NO_SIDE.get(policy.strategy, "neither side enters")
            have, need = short_of(best.score, policy.threshold)
            return f"{direction} scores {have}, {need} needed"
        case Verdict.COST_TOO_HIGH | Verdict.OUT_OF_RANGE | Verdict.BELOW_TICK:
            assert direction is not None  # noqa: S101 - these are verdicts on a side's exits
            return _unreachable(case, direction)
        case Verdict.COOLDOWN:
            until = case.before.long_until if direction == "long" else case.before.short_until
            left = max(case.before.until, until) - case.evaluation.close_time
            return f"cooling down for {remaining(left)}"
        case Verdict.MODEL_VETO:
            assert opinion is not None  # noqa: S101 - without one there is no veto
            chance = opinion.long if direction == "long" else opinion.short
            have, need = short_of(chance, policy.ai.minimum)
            return f"the model gives {direction} {have}, {need} needed"
        case Verdict.PROTECTED:
            return "; ".join(one.reason for one in refused)
        case Verdict.EMITTED:
            return f"{direction} scores {score(best.score)}"


_NO_SIDE: Mapping[str, str] = {"classic": "no event backs a direction"}


def _unreachable(case: _Case, direction: Direction) -> str:
    """Return why the exits of a side cannot be used."""
    x, side, price = case.sides.exits(direction), _SIDES[direction], case.sides.price
    if case.verdict is Verdict.COST_TOO_HIGH:
        far, need = reach(x, price, side), case.policy.numbers[COST_NEED]
        away, least = short_of(far if far == far else 0.0, need, 2)
        return f"TP is {away} away, costs need {least}"
    if case.verdict is Verdict.BELOW_TICK:
        tick = _tick(case.evaluation)
        values = (tick, price, x[TARGET], x[STOP])
        size, at, tp, sl = (written(value, tick) for value in values)
        return f"on ticks of {size}, TP {tp} and SL {sl} leave no room at {at}"
    atr, _ = case.policy.atr(case.f)
    if atr is None:
        late = "it would be open for longer than its strategy declares"
        return FAULTS[fault(x, price, side)] or late
    return f"an ATR of {fixed(atr / price * 100.0, 2)}% of the price leaves no room for TP and SL"


def _unfit(evaluation: Evaluation, verdict: Verdict, before: Cooldown) -> str:
    """Return why the data of a close is not fit to be scored."""
    if verdict is Verdict.OUT_OF_ORDER:
        return f"the close of {when(before.last_scored)} was scored before"
    if verdict is Verdict.NOT_WARM:
        return f"warming up: {', '.join(evaluation.unwarm)}"
    if verdict is Verdict.GAP:
        return f"a hole in the bars of {', '.join(evaluation.tainted)}"
    return f"the bar came {latency(evaluation.sent_at - evaluation.close_time)} late"


def _open(
    evaluation: Evaluation,
    f: Sequence[float],
    direction: Direction,
    mine: DirectionScore,
    sides: Sides,
    policy: ParameterSet,
    code_version: str,
) -> Signal:
    """Return the signal that this evaluation opens: entry at the close, exits on the tick."""
    x, (atr, atr_interval) = sides.exits(direction), policy.atr(f)
    return Signal(
        signal_id=_signal_id(evaluation, direction, policy),
        symbol=evaluation.symbol,
        direction=direction,
        score=mine.score,
        close_time=evaluation.close_time,
        entry_price=evaluation.price,
        tp_price=x[TARGET],
        sl_price=x[STOP],
        atr=atr,
        atr_interval=atr_interval,
        expires_at=evaluation.close_time + int(x[TTL_MINUTES]) * MINUTE_MS,
        components=mine.components,
        missing=mine.missing,
        events=evaluation.events,
        quality=evaluation.quality,
        market=evaluation.market,
        policy_digest=policy.digest,
        code_version=code_version,
        tick_size=evaluation.tick_size,
        fee_bps=policy.fee_bps,
        slippage_bps=policy.slippage_bps,
        exits=exits_of(x, leave=policy.code.leave is not None),
        strategy=evaluation.strategy,
    )


def _after(
    before: Cooldown, evaluation: Evaluation, signal: Signal | None, policy: ParameterSet
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
