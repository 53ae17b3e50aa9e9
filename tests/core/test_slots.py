"""Places are given out in the order of definition, without holes."""

from math import isnan, nan

from signalengine.slots import Features, Slots


def test_places_follow_each_other() -> None:
    slots = Slots(start=10)
    assert (slots.one("a"), slots.many("b", 5), slots.one("c")) == (10, 11, 16)
    assert (slots.end, slots.names()) == (17, ("a", "b", "c"))


def test_a_definition_in_between_moves_the_later_ones() -> None:
    slots = Slots()
    slots.one("a")
    slots.many("new", 3)
    assert slots.one("b") == 4


def test_a_slot_that_is_lost_has_its_fresh_value_unless_it_says_otherwise() -> None:
    slots = Slots()
    slots.one("a", fresh=-1.0)
    slots.one("b", lost=nan)
    first, second = slots.defined
    assert (first.fresh, first.lost, second.fresh) == (-1.0, -1.0, 0.0)
    assert isnan(second.lost)


def test_an_indicator_that_began_is_a_slot_by_its_name() -> None:
    slots = Slots()
    began = slots.began("ema")
    slots.one("ema9", since=began)
    assert slots.names() == ("ema_from", "ema9")
    assert slots.defined[1].since == began


def test_features_that_are_prices_are_listed() -> None:
    features = Features()
    assert (features.one("rsi"), features.price("vwap")) == (0, 1)
    assert features.prices == ["vwap"]
