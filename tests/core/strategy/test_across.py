"""Values that compare symbols: the rank rule, the universe, and independence of the order."""

from dataclasses import replace
from fractions import Fraction
from math import isnan, nan

from hypothesis import given
from hypothesis import strategies as st
from signalengine.decisions import decide, values_of
from signalengine.signals import (
    Evaluation,
    Verdict,
    decision_from_json,
    evaluation_from_json,
    to_json,
)
from signalengine.strategy.across import compared, entered, members, rank
from signalengine.strategy.form import Universe
from signalengine.strategy.sets import StrategySet, set_of

from tests.core.samples import evaluation
from tests.examples import examples

from .texts import load_ranked

ONE = set_of(load_ranked())
WORTHS = st.one_of(st.none(), st.integers(-4, 4).map(float), st.floats(-1e9, 1e9))
MARKETS = st.dictionaries(st.sampled_from([f"S{k:02}" for k in range(12)]), WORTHS, max_size=12)


def close_of(
    symbol: str, worth: float | None, size: float | None = 1.0, **changes: object
) -> Evaluation:
    values = {"close": 100.0, "worth": worth, "size": size, "rank": None, "lead": None}
    made = replace(evaluation(symbol=symbol), values=values, events=())
    return replace(made, **changes)  # type: ignore[arg-type]


def market(worths: dict[str, float | None]) -> list[Evaluation]:
    return [close_of(symbol, x) for symbol, x in worths.items()]


def with_universe(**rule: int) -> StrategySet:
    loaded = load_ranked(f", universe=Universe({', '.join(f'{k}={v}' for k, v in rule.items())})")
    return set_of(loaded)


@given(st.lists(st.integers(-3, 3).map(float), min_size=2, max_size=12))
def test_a_rank_is_the_mean_place_among_equals_as_a_fraction(known: list[float]) -> None:
    known.sort()
    ranks = [rank(x, known) for x in known]
    for x, found in zip(known, ranks, strict=True):
        places = [Fraction(k) for k, y in enumerate(known) if y == x]
        assert found == float(sum(places) / len(places) / (len(known) - 1))
        assert 0.0 <= found <= 1.0
    assert sum(map(Fraction, ranks)) - Fraction(len(known), 2) < Fraction(1, 10**9)
    if known[0] < known[1]:
        assert ranks[0] == 0.0
    if known[-1] > known[-2]:
        assert ranks[-1] == 1.0


def test_fewer_than_two_known_values_have_no_rank() -> None:
    assert isnan(rank(1.0, [1.0]))
    assert isnan(rank(nan, []))
    lonely = compared(ONE, market({"A": 1.0, "B": None}))
    assert [one.across["rank"] for one in lonely.values()] == [None, None]
    pair = compared(ONE, market({"A": 1.0, "B": 2.0, "C": None}))
    assert {name: one.across["rank"] for name, one in pair.items()} == {
        "A": 0.0,
        "B": 1.0,
        "C": None,
    }


@given(MARKETS, st.randoms(use_true_random=False))
def test_the_order_of_evaluations_changes_nothing(
    worths: dict[str, float | None], rng: object
) -> None:
    closes = market(worths)
    before = compared(ONE, closes)
    rng.shuffle(closes)  # type: ignore[attr-defined]
    assert compared(ONE, closes) == before


@examples(50)
@given(MARKETS)
def test_ranks_turn_around_when_all_values_do(worths: dict[str, float | None]) -> None:
    up = compared(ONE, market(worths))
    down = compared(ONE, market({name: None if x is None else -x for name, x in worths.items()}))
    for name, one in up.items():
        mine, other = one.across["rank"], down[name].across["rank"]
        assert (mine is None) == (other is None)
        if mine is not None and other is not None:
            assert abs(mine + other - 1.0) < 1e-12


def test_symbols_that_are_not_warm_or_have_a_hole_are_compared_with_nobody() -> None:
    closes = market({"A": 1.0, "B": 2.0, "C": 3.0})
    closes[2] = replace(closes[2], unwarm=("1h",))
    found = compared(ONE, closes)
    assert [found[name].across["rank"] for name in "ABC"] == [0.0, 1.0, None]
    assert not found["C"].outside  # its own verdict says what is wrong with it
    closes[2] = replace(closes[2], unwarm=(), tainted=("1h",))
    assert compared(ONE, closes)["C"].across["rank"] is None


def test_another_symbol_s_value_is_repeated_for_all() -> None:
    found = compared(ONE, [close_of("AUSDT", 1.0), close_of("BTCUSDT", 7.0, outside=True)])
    assert {one.across["lead"] for one in found.values()} == {7.0}
    assert found["BTCUSDT"].outside
    absent = compared(ONE, [close_of("AUSDT", 1.0)], ["BTCUSDT", "AUSDT"])
    assert absent["AUSDT"].across["lead"] is None
    assert absent["AUSDT"].absent == ("BTCUSDT",)


def test_the_largest_by_a_value_are_the_universe_and_equal_ones_follow_their_names() -> None:
    one = with_universe(top=2, by=2)
    closes = [close_of(name, 1.0, size) for name, size in
              (("D", 5.0), ("B", 5.0), ("A", 5.0), ("C", 9.0), ("E", None))]  # fmt: skip
    assert members(one.loaded.strategy, closes) == {"C", "A"}
    closes[3] = replace(closes[3], outside=True)  # by its own bars: too young
    assert members(one.loaded.strategy, closes) == {"A", "B"}
    found = compared(one, closes)
    assert {name for name, each in found.items() if not each.outside} == {"A", "B"}
    assert found["D"].across["rank"] is None


@given(MARKETS, st.integers(1, 12))
def test_more_symbols_do_not_change_who_is_larger(
    worths: dict[str, float | None], top: int
) -> None:
    one = with_universe(top=top, by=2).loaded.strategy
    closes = [close_of(name, 0.0, x) for name, x in worths.items()]
    inside, sizes = members(one, closes), {each.symbol: each.values["size"] for each in closes}
    known = {name for name, x in sizes.items() if x is not None}
    assert len(inside) == min(top, len(known))
    assert all(
        sizes[a] >= sizes[b]
        for a in inside
        for b in known - inside  # type: ignore[operator]
    )


def test_a_symbol_outside_opens_nothing_and_its_decision_says_so() -> None:
    one = with_universe(top=1, by=2)
    found = compared(one, [close_of("A", 5.0, 1.0), close_of("B", 1.0, 2.0)], ["Z"])
    outside = entered(one, found["A"])
    assert outside.events == ()
    decision = decide(outside, None, one, "test").decision
    assert decision.reason == "the symbol is not in the strategy's universe"
    assert (decision.absent, decision.across["rank"]) == (("Z",), None)
    assert decision_from_json(to_json(decision)) == decision
    assert evaluation_from_json(to_json(outside)) == outside


def test_a_symbol_outside_opens_nothing_although_its_condition_holds() -> None:
    top = compared(ONE, market({"A": 1.0, "B": 2.0}))["B"]
    assert decide(top, None, ONE, "test").signal is not None
    outside = replace(top, outside=True)
    assert entered(ONE, outside).events == ()
    decided = decide(outside, None, ONE, "test")
    assert decided.signal is None
    assert decided.decision.verdict is Verdict.BELOW_THRESHOLD


def test_entries_read_the_values_that_were_filled_in() -> None:
    found = compared(ONE, [close_of("A", 1.0), close_of("B", 2.0), close_of("C", 3.0)])
    assert [[event.direction for event in entered(ONE, found[name]).events] for name in "ABC"] == [
        ["short"], [], ["long"],
    ]  # fmt: skip
    top = entered(ONE, found["C"])
    assert values_of(top, ONE)[3] == 1.0
    decided = decide(top, None, ONE, "test")
    assert decided.decision.verdict is Verdict.EMITTED
    assert decided.signal is not None
    assert decided.decision.across == {"rank": 1.0, "lead": None}


def test_what_compares_nothing_is_stored_as_before() -> None:
    raw = to_json(evaluation())
    assert '"across"' not in raw
    assert '"absent"' not in raw
    assert '"outside"' not in raw
    assert Universe() == Universe((), 0, 0, 0)
