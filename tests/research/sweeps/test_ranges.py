"""Ranges are read as written; what no set can have is refused with the words to mend it."""

import pytest
from signalengine.errors import PolicyError, StrategyError
from signalengine.strategy.loading import load_shipped

from research.sweeps.grid import base_policy
from research.sweeps.ranges import Range, Space, balanced, parse_ranges


def test_ranges_are_read() -> None:
    items = ["threshold=0.4..0.7", "ttl_s=1800..7200:600", "tp_atr=1.0..4", "warm_bars=50..400"]
    assert parse_ranges(items) == (
        Range("threshold", 0.4, 0.7),
        Range("ttl_s", 1800.0, 7200.0, 600.0, True),
        Range("tp_atr", 1.0, 4.0),
        Range("warm_bars", 50.0, 400.0, None, True),
    )


def test_parameters_of_a_strategy_are_whole_where_they_are_declared_so() -> None:
    strategy = load_shipped("donchian")
    days, reach = parse_ranges(["days=10..40", "tp_atr=2..9"], strategy)
    assert (days.whole, reach.whole) == (True, False)


@pytest.mark.parametrize("item", ["threshold", "threshold=0.4", "=1..2", "a=1..x", "a=1...2:"])
def test_words_that_are_no_range_are_refused(item: str) -> None:
    with pytest.raises(PolicyError, match=r"write FIELD=LEAST\.\.MOST"):
        parse_ranges([item])


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("threshold=0.7..0.4", r"begins at 0.7, which must be below its end 0.4"),
        ("threshold=0.5..0.5", "must be below"),
        ("threshold=0.4..0.7:0", "step of 0 does not fit"),
        ("threshold=0.4..0.7:0.5", "step of 0.5 does not fit"),
        ("threshold=nan..0.7", "must be below"),
    ],
)
def test_a_range_without_room_is_refused(item: str, words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        parse_ranges([item])


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (["treshold=0.4..0.7"], "no such field; did you mean threshold?"),
        (["events.volume_spike.y=1..2"], "did you mean events.volume_spike.z?"),
        (["threshold=0.4..1.7"], "threshold = 1.7 must be in"),
        (["threshold=0.4..0.7", "threshold=0.1..0.2"], "threshold: given twice"),
        ([], "a search needs a range"),
    ],
)
def test_a_space_that_no_policy_can_have_is_refused(items: list[str], words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        Space(parse_ranges(items))


def test_a_space_that_a_strategy_cannot_have_is_refused() -> None:
    strategy = load_shipped("donchian")
    with pytest.raises(StrategyError, match=r"donchian has no parameter dayz; did you mean days\?"):
        Space(parse_ranges(["dayz=10..20"], strategy), strategy=strategy)
    with pytest.raises(StrategyError, match="must be from 5 to 60"):
        Space(parse_ranges(["days=10..90"], strategy), strategy=strategy)
    with pytest.raises(PolicyError, match="given twice"):
        Space(parse_ranges(["days=10..20"], strategy), {"days": [5]}, strategy=strategy)


@pytest.mark.parametrize(
    ("item", "number"),
    [("days=10..20:0.5", "0.5"), ("days=10..20:1.5", "1.5"), ("days=10.5..20", "10.5"),
     ("days=10..20.5", "20.5"), ("days=10..inf", "inf")],
)  # fmt: skip
def test_a_part_of_a_whole_number_is_refused(item: str, number: str) -> None:
    with pytest.raises(PolicyError, match=f"days is a whole number: {number} cannot be"):
        parse_ranges([item], load_shipped("donchian"))


def test_weights_that_are_no_numbers_are_refused_as_a_policys() -> None:
    space = Space(parse_ranges(["weights.trend=0.1..0.5"]), {"weights.vwap": ["abc"]})
    with pytest.raises(PolicyError, match="vwap"):
        space.variant({"weights.trend": 0.2, "weights.vwap": "abc"})
    without = {name: x for name, x in base_policy("default").items() if name != "weights"}
    for base in (without, without | {"weights": 3}, without | {"weights": {"trend": "abc"}}):
        with pytest.raises(PolicyError):
            Space(parse_ranges(["weights.trend=0.1..0.5"]), base=base)


def test_weights_are_scaled_to_sum_to_one() -> None:
    base = base_policy("default")
    found = balanced(base, {"weights.trend": 0.9, "weights.oi": 0.0, "threshold": 0.4})
    weights = {name: x for name, x in found.items() if name.startswith("weights.")}
    assert len(weights) == 7
    assert sum(weights.values()) == pytest.approx(1.0, abs=1e-9)
    assert weights["weights.oi"] == 0.0
    assert weights["weights.trend"] == max(weights.values())
    assert found["threshold"] == 0.4
    Space(parse_ranges(["weights.trend=0.0..1.0", "interval_weights.1h=0.0..1.0"]))
    assert balanced(base, {"threshold": 0.4}) == {"threshold": 0.4}


def test_the_top_of_a_range_is_on_a_step() -> None:
    assert Range("a", 1.0, 2.0, 0.3).top == pytest.approx(1.9)
    assert Range("a", 0.4, 0.7, 0.1).top == pytest.approx(0.7)
    assert Range("a", 1.0, 2.0).rounded(1.23456789) == 1.235
    assert Range("a", 1.2354, 2.0).rounded(1.23541) == 1.2354
