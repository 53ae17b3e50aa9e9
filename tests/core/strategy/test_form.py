"""Declarations: places in the order of declaration, and refusals that name what is wrong."""

from collections.abc import Callable
from math import isnan

import pytest
from signalengine.errors import StrategyError
from signalengine.strategy.buffer import COUNT, LAST_OPEN, MOST_VALUES, PRIVATE
from signalengine.strategy.form import MOST_SLOTS, Parameters, State, Strategy, Universe, Values


def test_parameters_have_places_defaults_and_bounds() -> None:
    p = Parameters()

    assert (p.whole("days", 20, least=5, most=60), p.number("reach", 0.5, least=0, most=1)) == (
        0,
        1,
    )
    assert p.chosen({}) == (20.0, 0.5)
    assert p.chosen({"reach": 1, "days": 5}) == (5.0, 1.0)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"days": 61}, "parameter days = 61 must be from 5 to 60"),
        ({"days": 4}, "must be from 5 to 60"),
        ({"days": 5.5}, "must be a whole number"),
        ({"days": True}, "is not a number"),
        ({"days": "5"}, "is not a number"),
        ({"days": float("nan")}, "is not a number"),
        ({"day": 5}, "there is no parameter 'day': days"),
    ],
)
def test_a_value_out_of_bounds_is_refused_by_name(values: dict[str, object], words: str) -> None:
    p = Parameters()
    p.whole("days", 20, least=5, most=60)

    with pytest.raises(StrategyError, match=words):
        p.chosen(values)


def test_values_come_first_and_private_slots_behind_the_engines() -> None:
    v = Values()
    places = v.number("width"), v.price("top")
    s = State(v)

    assert places == (0, 1)
    assert s.many("ring", 3) == PRIVATE
    assert s.one("seen", fresh=7.0) == PRIVATE + 3
    assert MOST_VALUES < PRIVATE
    fresh = Strategy(name="x", version=1, every="1h", values=v, state=s).fresh()
    assert len(fresh) == s.end
    assert all(isnan(x) for x in fresh[:MOST_VALUES])
    assert fresh[LAST_OPEN] == -1.0
    assert fresh[COUNT] == 0.0
    assert fresh[-1] == 7.0


def test_a_rank_and_another_symbols_value_need_a_value_declared_before() -> None:
    v = Values()
    momentum = v.number("momentum")

    assert v.rank("rank", of=momentum) == 1
    assert v.of("btc", "BTCUSDT", momentum) == 2
    assert v.crossed == (1, 2)
    for wrong in (1, 3, -1):
        with pytest.raises(StrategyError, match="declared before it"):
            v.rank(f"again_{wrong + 1}", of=wrong)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Strategy(name="X", version=1, every="1h"), "lower-case letters"),
        (lambda: Strategy(name="x", version=1, every="2h"), "every = '2h' must be one of"),
        (lambda: Strategy(name="x", version=1, every="1h", warm_up={"1h": 500}), "to 499"),
        (lambda: Strategy(name="x", version=1, every="1h", warm_up={"3h": 5}), "of an interval"),
        (lambda: Strategy(name="x", version=1, every="1h", needs=("oi",)), "needs: 'oi' must be"),
        (lambda: Strategy(name="x", version=1, every="1h", features=("2h",)), "features: '2h'"),
        (lambda: Strategy(name="x", version=1, every="1h", components={"a": 0.5}), "sum to 1"),
        (lambda: Strategy(name="x", version=1, every="1h", ttl_minutes=40_321), "1 to 40320"),
        (lambda: Strategy(name="x", version=1, every="1h", clock=30), "at a close of `every`"),
        (lambda: Strategy(name="x", version=1, every="1h", clock=10_080), "minutes of a week"),
        (lambda: Strategy(name="x", version=1, every="1h", components=_MANY), "7 components"),
        (lambda: Values().number("A B"), "lower-case letters"),
        (lambda: of_universe(top=-1), "top = -1 must be a whole number"),
        (lambda: of_universe(top=5, by=1), "`by` must be a value of the symbol's own bars"),
        (lambda: of_universe(top=5, by=2), "`by` must be a value of the symbol's own bars"),
        (lambda: of_universe(age_days=500), "age_days = 500 must be whole days, to 499"),
        (
            lambda: Strategy(name="x", version=1, every="1h", values=ranked(), on_events=True),
            "on_events",
        ),
    ],
)
def test_a_declaration_that_cannot_run_is_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(StrategyError, match=words):
        make()


def ranked() -> Values:
    v = Values()
    v.rank("rank", of=v.number("size"))
    return v


def of_universe(**rule: int) -> Strategy:
    return Strategy(name="x", version=1, every="1h", values=ranked(), universe=Universe(**rule))


def test_a_strategy_compares_symbols_by_its_values_or_by_its_universe() -> None:
    plain = Strategy(name="x", version=1, every="1h")
    assert not plain.compares
    assert plain.counted == ("1h",)
    assert plain.reads("BTCUSDT")
    assert of_universe().compares
    one = Strategy(name="x", version=1, every="1h", universe=Universe(("BTCUSDT",), age_days=9))
    assert not one.compares
    assert one.counted == ("1h", "1d")
    assert (one.reads("BTCUSDT"), one.reads("ETHUSDT")) == (True, False)


def test_a_symbol_whose_values_others_repeat_is_read_too() -> None:
    v = Values()
    v.of("lead", "BTCUSDT", v.number("size"))
    one = Strategy(name="x", version=1, every="1h", values=v, universe=Universe(("ETHUSDT",)))
    assert [one.reads(symbol) for symbol in ("BTCUSDT", "ETHUSDT", "XRPUSDT")] == [
        True, True, False,
    ]  # fmt: skip


_MANY = {f"c{k}": 0.125 for k in range(8)}


def test_names_are_unique_and_sizes_bounded() -> None:
    p, v = Parameters(), Values()
    p.whole("a", 1, least=0, most=2)
    for k in range(MOST_VALUES):
        v.number(f"v{k}")
    s = State(v)
    s.many("ring", MOST_SLOTS)

    with pytest.raises(StrategyError, match="'a' is declared twice"):
        p.number("a", 1, least=0, most=2)
    with pytest.raises(StrategyError, match="64 values at most"):
        v.number("one_more")
    with pytest.raises(StrategyError, match="4096 numbers at most"):
        Strategy(name="x", version=1, every="1h", values=v, state=s)
