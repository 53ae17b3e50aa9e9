"""A search chooses by the periods before the last, the same sets each time, and each is a trial."""

from pathlib import Path

import pandas as pd
import pytest
from signalengine.errors import PolicyError
from signalengine.intervals import DAY_MS
from signalengine.policy import default_policy

from research.data.errors import DataError
from research.evidence.looks import read_looks
from research.evidence.tried import count_tried, sweep_rows
from research.sweeps import search as searching
from research.sweeps.ranges import Space, parse_ranges
from research.sweeps.ranking import rank
from research.sweeps.search import Searched, Study, search, split
from tests.research.data.recordings import START

pytestmark = pytest.mark.enable_socket  # Dask's loop; nothing leaves this process

FIRST = (START + 2 * DAY_MS, START + 3 * DAY_MS)
SECOND = (START + 3 * DAY_MS, START + 4 * DAY_MS)
LAST = (START + 4 * DAY_MS, START + 5 * DAY_MS)
SPACE = Space(parse_ranges(["threshold=0.1..0.4", "tp_atr=0.5..3.0"]), {"cost_gate": [0.0, 0.5]})


def searched(data: Path, out: Path, *periods: tuple[int, int], trials: int = 14) -> Searched:
    return search(
        SPACE, ["BTCUSDT"], periods, trials=trials, seed=3, data=data, processes=False, workers=1,
        out=out,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def few_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day has no thirty."""
    monkeypatch.setattr(searching, "MIN_CLOSED", 5)


def test_the_last_period_chooses_nothing(data: Path, tmp_path: Path) -> None:
    with_test = searched(data, tmp_path / "one", FIRST, SECOND)
    without = searched(data, tmp_path / "two", FIRST)
    assert (with_test.design, with_test.held_out) == ((FIRST,), SECOND)
    assert (without.design, without.held_out) == ((FIRST,), None)
    first = with_test.done.rows[with_test.done.rows["start"] == FIRST[0]]
    assert set(first["policy"]) == set(without.done.rows["policy"])
    other = searched(data, tmp_path / "three", SECOND)
    assert set(other.done.rows["policy"]) != set(without.done.rows["policy"])


def test_every_trial_is_a_row_and_counts_as_tried(data: Path, tmp_path: Path) -> None:
    found = searched(data, tmp_path, FIRST, LAST)
    rows = found.done.rows
    assert default_policy().digest in set(rows["policy"])
    tried = rows["policy"].nunique()
    assert 10 < tried <= 15
    assert rows.groupby("policy").size().eq(2).all()
    assert (rank(rows).tried, found.done.ran) == (tried, len(rows))
    looks = read_looks(tmp_path / "none")
    swept = sweep_rows(tmp_path, "classic", ["BTCUSDT"])
    assert count_tried("a", swept, looks) == tried + 1


def test_the_same_seed_chooses_the_same_and_finds_what_was_done(data: Path, tmp_path: Path) -> None:
    first = searched(data, tmp_path, FIRST, SECOND)
    again = searched(data, tmp_path, FIRST, SECOND)
    assert again.done.ran == 0
    keys = ["policy", "start"]
    pd.testing.assert_frame_equal(
        first.done.rows.sort_values(keys, ignore_index=True),
        again.done.rows.sort_values(keys, ignore_index=True),
    )


def test_what_was_good_is_chosen_more_often() -> None:
    """Over 60 trials of an edge that grows towards a threshold of 0.3."""
    study = Study(Space(parse_ranges(["threshold=0.1..0.9"])), seed=1)
    chosen: list[float] = []
    for _ in range(6):
        asked = study.ask(10)
        found = {digest: float(one.changes["threshold"]) for digest, one in asked.items()}
        chosen += found.values()
        study.tell(
            pd.DataFrame(
                [
                    {"policy": digest, "error": None, "closed": 40, "net_sum": -abs(x - 0.3) * 1e6}
                    for digest, x in found.items()
                ]
            )
        )
    late = [abs(x - 0.3) for x in chosen[-20:]]
    assert sum(late) / 20 < 0.5 * sum(abs(x - 0.3) for x in chosen[:10]) / 10


def test_sets_with_few_signals_and_failures_are_no_choice() -> None:
    study = Study(SPACE, seed=1)
    rows = [
        {"policy": digest, "error": error, "closed": closed, "net_sum": 9e9}
        for (digest, error, closed) in zip(
            study.ask(2), (None, "DataError: gone"), (2, 90), strict=True
        )
    ]
    study.tell(pd.DataFrame(rows))
    assert [trial.state.name for trial in study.trials] == ["PRUNED", "FAIL"]


def test_where_nothing_chosen_is_a_set_the_reason_is_told() -> None:
    space = Space(parse_ranges(["events.rsi_extreme.low=10.0..65.0"]), {"threshold": [2.0]})
    with pytest.raises(PolicyError, match="threshold"):
        Study(space, seed=1).ask(5)


def test_periods_are_apart_and_the_last_is_the_test() -> None:
    assert split([LAST, FIRST, SECOND]) == ((FIRST, SECOND), LAST)
    with pytest.raises(DataError, match="must not overlap"):
        split([FIRST, (FIRST[0] + 1, LAST[1])])
    with pytest.raises(DataError, match="a period"):
        split([])


def test_a_search_has_trials(data: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="one trial"):
        searched(data, tmp_path, FIRST, trials=0)
