"""Signals with several targets, moved stops and exits of their own: laws, then each rule."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.stream import PathPoint
from signalengine.intervals import MINUTE_MS
from signalengine.settlement import (
    Step,
    StopMove,
    StoredBar,
    advance,
    force_expiry,
    opened,
    progress,
    settle,
    weighted,
)
from signalengine.signals import (
    RETURN_SCALE,
    Exits,
    Fill,
    Outcome,
    Settlement,
    Signal,
    Target,
    settled,
    signal_from_json,
    to_json,
)

from tests.core.markets import T0
from tests.core.samples import (
    bar,
    bars,
    cut,
    exits,
    leaves_of,
    mirrored,
    quiet,
    several,
    signal,
    walked,
)
from tests.examples import examples

COST = 120_000  # 12 bps of 1e8
SEEDS = st.integers(0, 10**6)
SIDES = st.sampled_from([1, -1])


def seen(
    one: Signal, rows: Sequence[StoredBar], leaves: Collection[int] = ()
) -> tuple[tuple[Step, ...], Settlement | None]:
    return progress(one, rows, leaves), settle(one, rows, leaves)


def partly(side: int = 1, **more: object) -> Signal:
    """A half at 101, a quarter at 102, the rest runs; stop at 99 (mirrored for a short)."""
    targets = (Target(100.0 + side, 0.5), Target(100.0 + 2 * side, 0.25))
    return signal(side, exits=replace(Exits(targets), **more), tp_price=100.0 + side)  # type: ignore[arg-type]


# --- laws -----------------------------------------------------------------------------------------


@given(SEEDS, SIDES)
@examples(60)
def test_one_target_for_all_of_it_is_a_bracket(seed: int, side: int) -> None:
    plain = signal(side)
    one = replace(plain, exits=Exits((Target(plain.tp_price, 1.0),)))
    for rows in (walked(seed), cut(walked(seed), seed)):
        assert seen(one, rows) == ((), settle(plain, rows))


@given(SEEDS, SIDES)
@examples(40)
def test_more_bars_only_append_to_the_progress(seed: int, side: int) -> None:
    one, rows, leaves = several(seed, side), walked(seed), leaves_of(seed)
    steps, whole = seen(one, rows, leaves)
    assert whole is not None
    for count in range(len(rows) + 1):
        found, end = seen(one, rows[:count], leaves)
        assert found == steps[: len(found)]
        assert end == (whole if count >= whole.bars_held else None)


@given(SEEDS, SIDES, st.lists(st.integers(0, 70), max_size=4))
@examples(60)
def test_bars_in_pieces_end_as_all_at_once(seed: int, side: int, cuts: list[int]) -> None:
    """Also when pieces overlap: bars that were folded before are skipped."""
    one, rows, leaves = several(seed, side), walked(seed), leaves_of(seed)
    position, end = opened(one), None
    for after in [*sorted(cuts), len(rows)]:
        held = (position.until - T0) // MINUTE_MS
        position, end = advance(one, position, rows[max(0, held - 3) : after], leaves)
        if end is not None:
            break
    assert (position.steps, end) == seen(one, rows, leaves)


@given(SEEDS)
@examples(60)
def test_long_and_short_are_mirror_images(seed: int) -> None:
    rows, leaves = walked(seed), leaves_of(seed)
    up, end = seen(several(seed, 1), rows, leaves)
    down, other = seen(several(seed, -1), mirrored(rows), leaves)
    assert [replace(step, price=200.0 - step.price) for step in down] == list(up)
    assert end is not None
    assert other is not None
    upside_down = replace(
        other, exit_price=200.0 - other.exit_price,
        next_open=None if other.next_open is None else 200.0 - other.next_open,
        fills=tuple(replace(fill, price=200.0 - fill.price) for fill in other.fills),
    )  # fmt: skip
    assert upside_down == end


@given(SEEDS, SIDES, st.integers(-20, 14))
@examples(40)
def test_prices_in_another_unit_end_the_same(seed: int, side: int, power: int) -> None:
    factor = 2.0**power
    one, rows, leaves = several(seed, side), walked(seed, paths=False), leaves_of(seed)
    steps, end = seen(one, rows, leaves)
    larger = [
        replace(
            b, open=b.open * factor, high=b.high * factor, low=b.low * factor,
            close=b.close * factor,
        )
        for b in rows
    ]  # fmt: skip
    found, other = seen(_times(one, factor), larger, leaves)
    assert [replace(step, price=step.price / factor) for step in found] == list(steps)
    assert end is not None
    assert other is not None
    assert (other.gross_return, other.funding, other.mfe, other.mae) == (
        end.gross_return, end.funding, end.mfe, end.mae,
    )  # fmt: skip
    assert other.exit_price == end.exit_price * factor


def _times(one: Signal, factor: float) -> Signal:
    made = one.exits
    assert made is not None
    return replace(
        one,
        entry_price=one.entry_price * factor,
        tp_price=one.tp_price * factor,
        sl_price=one.sl_price * factor,
        exits=replace(
            made,
            targets=tuple(replace(t, price=t.price * factor) for t in made.targets),
            trail=None if made.trail is None else made.trail * factor,
            trail_step=None if made.trail_step is None else made.trail_step * factor,
        ),
    )


@given(SEEDS, SIDES)
@examples(60)
def test_the_fills_are_the_whole_position_and_its_return(seed: int, side: int) -> None:
    one, rows = several(seed, side), walked(seed)
    steps, end = seen(one, rows, leaves_of(seed))
    assert end is not None
    partial = tuple(step for step in steps if isinstance(step, Fill))
    assert end.fills[:-1] == partial
    fills = end.fills or (Fill("all", end.closed_at, end.exit_price, 1.0),)
    parts = [round(fill.fraction * 10_000) for fill in fills]
    assert sum(parts) == 10_000
    assert min(parts) > 0
    returns = [round(side * (fill.price - 100.0) / 100.0 * RETURN_SCALE) for fill in fills]
    exact = sum(Fraction(p * r, 10_000) for p, r in zip(parts, returns, strict=True))
    assert end.gross_return == round(exact)  # half to even, as `round` of a fraction
    assert (end.cost, end.net_return) == (COST, end.gross_return - COST - end.funding)
    assert end.mae <= min(returns) <= max(returns) <= end.mfe
    assert (fills[-1].price, fills[-1].closed_at) == (end.exit_price, end.closed_at)


@given(SEEDS, SIDES)
@examples(40)
def test_funding_is_paid_on_what_is_open_at_its_time(seed: int, side: int) -> None:
    one, rows = several(seed, side), walked(seed)
    _, end = seen(one, rows, leaves_of(seed))
    assert end is not None
    held = end.bars_held - (end.outcome in (Outcome.TP_HIT, Outcome.SL_HIT))
    exact = Fraction(0)
    for row in rows[:held]:
        gone = sum(round(f.fraction * 10_000) for f in end.fills if f.closed_at <= row.close_time)
        if row is rows[held - 1] and end.outcome in (Outcome.EXPIRED, Outcome.LEFT):
            gone -= round(end.fills[-1].fraction * 10_000) if end.fills else 0
        paid = round((row.funding_paid or 0.0) * RETURN_SCALE)
        exact += Fraction(side * paid * (10_000 - gone), 10_000)
    assert end.funding == round(exact)


@given(SEEDS, SIDES)
@examples(60)
def test_the_stop_only_tightens_and_its_moves_are_numbered(seed: int, side: int) -> None:
    one = several(seed, side)
    steps, _ = seen(one, walked(seed))
    moves = [step for step in steps if isinstance(step, StopMove)]
    assert [move.name for move in moves] == [f"stop{n}" for n in range(1, len(moves) + 1)]
    level = one.sl_price
    for move in moves:
        assert side * (move.price - level) > 0.0
        level = move.price
    names = [step.name for step in steps]
    assert len(set(names)) == len(names)
    times = [step.closed_at if isinstance(step, Fill) else step.at for step in steps]
    assert times == sorted(times)


@given(SEEDS, SIDES)
@examples(40)
def test_a_hole_stops_the_fold(seed: int, side: int) -> None:
    one, rows = several(seed, side), walked(seed)
    at = seed % len(rows)
    assert seen(one, cut(rows, seed)) == seen(one, rows[:at])


@given(st.integers(-(10**12), 10**12))
@examples(60)
def test_weighted_sums_round_half_to_even(total: int) -> None:
    assert weighted(total) == round(Fraction(total, 10_000))
    assert weighted(-total) == -weighted(total)


@pytest.mark.parametrize(("total", "whole"), [(5_000, 0), (15_000, 2), (-5_000, 0), (4_999, 0)])
def test_a_half_goes_to_the_even_number(total: int, whole: int) -> None:
    assert weighted(total) == whole


# --- each rule ------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", [1, -1])
def test_the_numbers_of_two_targets_and_a_stop(side: int) -> None:
    long = bars(
        [
            (100.0, 101.0, 99.5, 100.5),
            (100.5, 102.5, 100.25, 102.0),
            (102.0, 102.0, 98.5, 99.0),
        ]
    )
    rows = long if side > 0 else mirrored(long)
    steps, end = seen(partly(side), rows)
    assert end is not None
    assert [step.name for step in steps] == ["target1", "target2"]
    assert [fill.name for fill in end.fills] == ["target1", "target2", "stop"]
    assert [fill.fraction for fill in end.fills] == [0.5, 0.25, 0.25]
    assert (end.outcome, end.bars_held) == (Outcome.SL_HIT, 3)
    assert end.gross_return == 500_000 + 500_000 - 250_000
    assert end.net_return == end.gross_return - COST
    assert (end.mfe, end.mae) == (2_500_000, -1_000_000)


def test_a_stop_at_break_even_ends_a_won_signal() -> None:
    one = partly(break_even=True)
    rows = bars([(100.0, 101.0, 99.5, 100.5), (100.5, 100.6, 99.9, 100.0)])
    steps, end = seen(one, rows)
    assert steps[1] == StopMove("stop1", T0 + MINUTE_MS, 100.0)
    assert end is not None
    assert (end.outcome, end.exit_price, end.gross_return) == (Outcome.SL_HIT, 100.0, 500_000)


def test_a_trailing_stop_is_the_stop_that_settles() -> None:
    one = partly(trail=1.0, trail_step=0.25)
    rows = bars([(100.0, 100.8, 99.5, 100.7), (100.7, 100.9, 99.7, 99.8)])
    steps, end = seen(one, rows)
    assert steps == (StopMove("stop1", T0 + MINUTE_MS, 99.75),)
    assert end is not None
    assert (end.outcome, end.exit_price, end.fills) == (Outcome.SL_HIT, 99.75, ())


def test_a_gap_through_a_moved_stop_fills_at_the_open() -> None:
    one = partly(trail=1.0, trail_step=0.25)
    rows = bars([(100.0, 100.9, 99.5, 100.7), (99.6, 100.0, 99.5, 99.8)])
    _, end = seen(one, rows)
    assert end is not None
    assert (end.outcome, end.exit_price) == (Outcome.SL_HIT, 99.6)


@pytest.mark.parametrize(
    ("points", "names", "resolution", "ambiguous"),
    [
        ([(5, 99.5, 101.0), (9, 98.0, 101.0)], ["target1", "stop"], "path", False),
        ([(5, 98.0, 100.0), (9, 98.0, 102.0)], [], "path", False),
        ([(5, 99.5, 102.0), (9, 98.0, 102.0)], ["target1", "target2", "stop"], "path", False),
        ([(5, 99.5, 101.0), (9, 98.0, 102.0)], ["target1", "stop"], "bar", True),
        ([(60, 98.0, 102.0)], [], "bar", True),
        ([(5, 99.5, 101.0)], ["target1", "stop"], "bar", True),
        ([], [], "bar", True),
    ],
)
def test_the_path_orders_targets_and_stop(
    points: list[tuple[int, float, float]], names: list[str], resolution: str, ambiguous: bool
) -> None:
    path = tuple(PathPoint(*point) for point in points)
    _, end = seen(partly(), [bar(0, 100.0, 102.0, 98.0, 100.0, path=path)])
    assert end is not None
    assert [fill.name for fill in end.fills] == names
    assert end.mfe == max([0, *(round((fill.price - 100) * 1e6) for fill in end.fills)])
    assert (end.outcome, end.resolution, end.ambiguous) == (Outcome.SL_HIT, resolution, ambiguous)
    assert [fill.touched_at for fill in end.fills[:-1]] == [T0 + 5_000] * (
        len(names) - 1 if names else 0
    )


def test_the_path_can_reach_the_last_target_before_the_stop() -> None:
    one = replace(partly(), exits=Exits((Target(101.0, 0.5), Target(102.0, 0.5))))
    path = (PathPoint(4, 99.5, 101.5), PathPoint(8, 99.5, 102.0), PathPoint(30, 98.0, 102.0))
    _, end = seen(one, [bar(0, 100.0, 102.0, 98.0, 99.0, path=path)])
    assert end is not None
    assert (end.outcome, end.resolution, end.touched_at) == (Outcome.TP_HIT, "path", T0 + 8_000)
    assert [fill.name for fill in end.fills] == ["target1", "target2"]


def test_the_strategy_leaves_at_a_close_after_the_levels_of_its_bar() -> None:
    rows = bars([(100.0, 100.5, 99.5, 100.2), (100.2, 101.0, 99.5, 100.8)])
    _, end = seen(partly(), rows, {T0 + 2 * MINUTE_MS})
    assert end is not None
    assert (end.outcome, end.exit_price, end.bars_held) == (Outcome.LEFT, 100.8, 2)
    assert [(fill.name, fill.fraction) for fill in end.fills] == [("target1", 0.5), ("left", 0.5)]
    stopped = settle(partly(), [*rows[:1], bar(1, 100.0, 100.0, 98.9, 99.9)], {T0 + 2 * MINUTE_MS})
    assert stopped is not None
    assert stopped.outcome is Outcome.SL_HIT
    assert settle(partly(), rows, {T0, T0 + MINUTE_MS + 1}) is None


def test_a_signal_expires_with_what_is_left_of_it() -> None:
    rows = [bar(0, 100.0, 101.0, 99.5, 100.5), *quiet(59, first=1)]
    at_end = settle(partly(), rows, {partly().expires_at})
    assert at_end is not None
    assert (at_end.outcome, at_end.exit_price) == (Outcome.EXPIRED, 100.0)
    assert [fill.name for fill in at_end.fills] == ["target1", "expiry"]
    forced = force_expiry(partly(), rows[:5], partly().expires_at + 1, 1)
    assert forced is not None
    assert (forced.resolution, forced.bars_held) == ("forced", 5)
    assert forced.gross_return == 500_000
    assert force_expiry(partly(), rows, partly().expires_at + 1, 1, ()) is None


def test_a_signal_of_28_days_ends_by_its_last_bar() -> None:
    minutes = 28 * 24 * 60
    one = replace(partly(), expires_at=T0 + minutes * MINUTE_MS)
    rows = quiet(minutes)
    position, end = advance(one, opened(one), rows[:-1])
    assert end is None
    assert (position.stop, position.open_fraction) == (99.0, 1.0)
    end = advance(one, position, rows[-1:])[1]
    assert end is not None
    assert (end.outcome, end.bars_held) == (Outcome.EXPIRED, minutes)


def test_a_closed_signal_reads_back_from_its_json() -> None:
    _, end = seen(partly(), bars([(100.0, 101.0, 99.5, 100.5), (100.5, 101.0, 98.9, 99.0)]))
    assert end is not None
    closed = settled(partly(), end)
    assert signal_from_json(to_json(closed)) == closed
    left = settled(partly(), replace(end, outcome=Outcome.LEFT))
    assert signal_from_json(to_json(left)).status == "left"


def test_the_seeded_exits_try_everything() -> None:
    """Each rule decides some of the signals that the laws run over."""
    ends: set[str] = set()
    for seed in range(300):
        steps, end = seen(several(seed), walked(seed), leaves_of(seed))
        assert end is not None
        ends |= {end.outcome.value, end.resolution, *(step.name for step in steps)}
        ends |= {"ambiguous"} if end.ambiguous else set()
        assert exits(seed).targets
    assert ends >= {"tp_hit", "sl_hit", "left", "path", "bar", "ambiguous", "target3", "stop5"}
