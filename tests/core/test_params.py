"""The policy's numbers: each has a place of its own."""

from signalengine.intervals import INTERVALS
from signalengine.kinds import EVENT_KINDS
from signalengine.params import COVERAGE, NUMBERS, THRESHOLD, WEIGHTS, EventKind
from signalengine.policy import default_policy
from signalengine.signals import COMPONENTS


def test_every_number_of_a_policy_has_one_place() -> None:
    places = [slot.at + k for slot in NUMBERS.defined for k in range(slot.count)]
    assert places == list(range(NUMBERS.end))
    assert len(NUMBERS.names()) == len(set(NUMBERS.names()))
    assert len(default_policy().numbers) == NUMBERS.end


def test_there_is_a_weight_for_each_component() -> None:
    (weights,) = [slot for slot in NUMBERS.defined if slot.at == WEIGHTS]
    assert weights.count == len(COMPONENTS)
    assert len({THRESHOLD, COVERAGE, WEIGHTS}) == 3


def test_a_kind_has_a_switch_for_each_interval_and_a_place_for_each_field() -> None:
    numbers = {slot.name: slot for slot in NUMBERS.defined}
    for kind in EVENT_KINDS:
        assert (numbers[kind.name].at, numbers[kind.name].count) == (kind.number, len(INTERVALS))
        for field in kind.fields:
            slot = numbers[f"{kind.name}.{field.name}"]
            assert (slot.at, slot.count) == (field.at, len(INTERVALS) if field.minutes else 1)


def test_a_kind_is_looked_for_on_known_intervals() -> None:
    assert all(set(kind.intervals) <= set(INTERVALS) for kind in EVENT_KINDS)
    assert all(isinstance(kind, EventKind) for kind in EVENT_KINDS)
