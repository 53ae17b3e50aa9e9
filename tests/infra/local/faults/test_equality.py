"""Equality of facts: rounding and coarser paths are no difference."""

from hypothesis import given
from hypothesis import strategies as st
from signalengine.facts.stream import PathPoint

from infra.local.faults.equality import alike, coarser


def test_a_coarser_path_is_equal_and_a_contradicting_one_is_not() -> None:
    path = tuple(PathPoint(s, 100.0 - s, 100.0 + s) for s in range(1, 5))
    assert coarser(path[::3], path)
    assert coarser(path[-1:], path)
    assert not coarser(path[:2], path)
    assert not coarser((PathPoint(2, 97.0, 104.0), path[-1]), path)
    assert not coarser((), path)


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_numbers_are_alike_to_their_last_bits(a: float, b: float) -> None:
    assert alike({"x": [a]}, {"x": (a,)})
    assert alike({"x": a + b}, {"x": b + a})
    assert not alike({"x": a}, {"x": a + 1.0 + abs(a)})
    assert not alike({"x": a}, {"y": a})
