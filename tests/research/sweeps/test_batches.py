"""Batches have every task once, those that share a fold together."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from research.sweeps.batches import FOLD_WEIGHT, MOST_WEIGHT, batches
from research.sweeps.tasks import Task


def task(number: int, symbol: str = "BTCUSDT", folds: str = "a", start: int = 0) -> Task:
    return Task(f"{number}", "{}", {}, symbol, start, start + 1, folds=folds)


@given(
    made=st.lists(
        st.tuples(st.sampled_from("AB"), st.sampled_from(["", "x", "y"]), st.integers(0, 1)),
        min_size=1, max_size=200,
    ),
    cores=st.integers(1, 64),
)  # fmt: skip
def test_every_task_is_in_one_batch(made: list[tuple[str, str, int]], cores: int) -> None:
    tasks = [task(n, *one) for n, one in enumerate(made)]
    found = batches(tasks, cores)
    assert Counter(one.digest for batch in found for one in batch) == Counter(
        one.digest for one in tasks
    )
    for batch in found:
        assert len({(one.symbol, one.start) for one in batch}) == 1
        folds = [one.folds for one in batch]
        assert folds == sorted(folds)
        assert FOLD_WEIGHT * (len(set(folds) - {""}) + folds.count("")) <= MOST_WEIGHT


def test_a_large_grid_is_cut_into_batches_of_one_fold() -> None:
    found = batches([task(n) for n in range(1000)], 2)
    most = MOST_WEIGHT - FOLD_WEIGHT + 1
    assert {len(batch) for batch in found[:-1]} == {most}


def test_a_small_grid_is_for_all_cores() -> None:
    assert len(batches([task(n) for n in range(100)], 2)) > 2
    assert len(batches([task(n, symbol) for symbol in "ABCDEF" for n in range(4)], 2)) == 6


def test_tasks_of_their_own_go_in_few() -> None:
    found = batches([task(n, folds="") for n in range(100)], 2)
    assert max(map(len, found)) == MOST_WEIGHT // FOLD_WEIGHT
