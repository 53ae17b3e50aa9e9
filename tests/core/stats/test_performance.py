"""Statistics: sums of exact integers, the same in any order and however they are grouped."""

import random
from collections import Counter
from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st
from signalengine.signals import Direction, Outcome, Settlement
from signalengine.stats.performance import SUMS, Performance, add, outcome_row, summary, total

NETS = st.integers(-(10**9), 10**9)


@st.composite
def settlements(draw: st.DrawFn) -> Settlement:
    gross, cost, funding = (
        draw(NETS),
        draw(st.integers(0, 10**6)),
        draw(st.integers(-(10**5), 10**5)),
    )
    return Settlement(
        outcome=draw(st.sampled_from(list(Outcome))), closed_at=draw(st.integers(0, 10**13)),
        exit_price=1.0, gross_return=gross, cost=cost, funding=funding,
        net_return=gross - cost - funding,
        resolution=draw(st.sampled_from(["tick", "path", "bar", "forced"])),
        ambiguous=draw(st.booleans()), bars_held=draw(st.integers(0, 60)), mfe=0, mae=0,
        next_open=None,
    )  # fmt: skip


MANY = st.lists(settlements(), max_size=30)


def side(item: Settlement) -> Direction:
    return "long" if item.closed_at % 2 else "short"


def summed(items: list[Settlement]) -> Performance:
    row = Performance.empty()
    for item in items:
        row = add(row, item, side(item))
    return row


def content(row: Performance) -> dict[str, int | None]:
    return {f.name: getattr(row, f.name) for f in fields(row) if f.name != "version"}


@given(MANY, st.integers(0, 10**6))
def test_the_order_of_closings_does_not_matter(items: list[Settlement], seed: int) -> None:
    mixed = random.Random(seed).sample(items, len(items))
    assert summed(mixed) == summed(items)


@given(MANY, MANY)
def test_rows_add_up_to_the_row_of_all(some: list[Settlement], others: list[Settlement]) -> None:
    both = total((summed(some), summed(others)))
    assert content(both) == content(summed([*some, *others]))
    assert both.version == 0


@given(MANY)
def test_the_sums_are_those_of_the_closings(items: list[Settlement]) -> None:
    row, nets = summed(items), [item.net_return for item in items]
    assert row.closed == row.version == len(items)
    ends = Counter(item.outcome for item in items)
    assert (row.tp_hits, row.sl_hits) == (ends[Outcome.TP_HIT], ends[Outcome.SL_HIT])
    assert (row.expired, row.left) == (ends[Outcome.EXPIRED], ends[Outcome.LEFT])
    assert row.wins == sum(net > 0 for net in nets)
    assert row.net_sum == sum(nets)
    assert row.net_squares == sum(net * net for net in nets)
    assert row.gross_sum == sum(item.gross_return for item in items)
    assert row.funding_sum == sum(item.funding for item in items)
    assert (row.longs, row.longs + row.shorts) == (
        sum(side(item) == "long" for item in items), len(items)
    )  # fmt: skip
    assert row.ambiguous == sum(item.ambiguous for item in items)
    assert row.forced == sum(item.resolution == "forced" for item in items)
    assert (row.best, row.worst) == (max(nets, default=None), min(nets, default=None))


@given(settlements())
def test_one_closing_is_its_own_row(item: Settlement) -> None:
    own = outcome_row(item, side(item))
    assert content(add(Performance.empty(), item, side(item))) == content(own)
    assert outcome_row(item) == replace(own, longs=0, shorts=0)
    assert all(isinstance(getattr(outcome_row(item), name), int) for name in SUMS)


def closing(net: int, outcome: Outcome = Outcome.TP_HIT) -> Settlement:
    return Settlement(outcome, 1, 1.0, net, 0, 0, net, "bar", False, 1, 0, 0, None)


def test_a_win_is_a_positive_net_return_whatever_the_outcome() -> None:
    row = summed([closing(1, Outcome.EXPIRED), closing(0), closing(-1, Outcome.TP_HIT)])
    assert (row.wins, row.closed) == (1, 3)


def test_a_summary_is_in_percent() -> None:
    shown = summary(summed([closing(2_000_000), closing(-1_000_000, Outcome.SL_HIT)]))
    assert shown == {
        "total_signals": 2, "wins": 1, "losses": 1, "tp_hits": 1, "sl_hits": 1, "expired": 0,
        "left": 0, "ambiguous": 0, "forced": 0, "win_rate": 0.5, "avg_return": 0.5,
        "avg_gross_return": 0.5, "total_return": 1.0, "best_return": 2.0, "worst_return": -1.0,
    }  # fmt: skip


def test_without_signals_there_are_no_rates() -> None:
    shown = summary(Performance.empty())
    assert shown["total_signals"] == 0
    assert [shown[name] for name in ("win_rate", "avg_return", "best_return", "worst_return")] == [
        None
    ] * 4


@given(st.integers(10**9, 10**10))
def test_squares_fit_the_38_digits_of_a_dynamodb_number(net: int) -> None:
    """A signal that made 100 times its entry, a billion times over."""
    assert len(str(outcome_row(closing(net)).net_squares * 10**9)) <= 38
