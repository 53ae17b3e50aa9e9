"""Records of shards and streams: kept until they are read, and the readers' places."""

import time
from pathlib import Path
from typing import Any

import pytest

from infra.local.storage.commits import Commits
from infra.local.storage.opening import opened
from infra.local.storage.records import Places, Records, too_old


@pytest.fixture
def commits(tmp_path: Path) -> Any:
    found = opened(tmp_path, "live")
    yield Commits(found.store)
    found.close()


def records(commits: Commits, start: int = 0) -> Records:
    return Records(commits, "shard", lambda: None, start)


def test_records_and_their_positions_survive_what_was_trimmed(commits: Commits) -> None:
    one = records(commits)
    for number in range(5):
        one.append({"n": number})
    commits.commit()
    one.trim(2)
    assert one.shorten() == 0
    commits.commit()
    assert one.shorten() == 2
    assert (one.base, one[0]) == (2, {"n": 2})
    again = records(commits)
    assert (again.base, list(again)) == (2, [{"n": 2}, {"n": 3}, {"n": 4}])
    again.append({"n": 5})
    commits.commit()
    assert records(commits)[-1] == {"n": 5}


def test_a_dropped_record_leaves_no_gap(commits: Commits) -> None:
    one = records(commits)
    one.append({"n": 0})
    commits.refuse(RuntimeError("no"))
    one.append({"n": 1})
    commits.commit()
    assert commits.store.records(one.source) == [(0, {"n": 1})]


def test_records_whose_removal_is_refused_stay(commits: Commits) -> None:
    one = records(commits)
    for number in range(3):
        one.append({"n": number})
    commits.commit()
    one.append({"n": 3})
    one.trim(2)
    commits.refuse(RuntimeError("no"))
    assert one.shorten() == 0
    one.append({"n": 4})
    commits.commit()
    assert commits.store.records(one.source) == list(enumerate(one))
    assert [record["n"] for record in one] == [0, 1, 2, 4]


def test_an_empty_source_goes_on_after_what_was_read(commits: Commits) -> None:
    one = records(commits)
    places = Places(commits)
    for number in range(3):
        one.append({"n": number})
    commits.commit()
    places.save([("fold", one.source, 3), ("track", one.source, 3)])
    one.trim(3)
    commits.commit()
    known = Places(commits)
    assert known.next_of(one.source) == 3
    again = records(commits, known.next_of(one.source))
    again.append({"n": 3})
    commits.commit()
    assert commits.store.records(one.source) == [(3, {"n": 3})]


def test_a_place_is_saved_when_it_has_changed(commits: Commits) -> None:
    places = Places(commits)
    places.save([("fold", 7, 3)])
    assert places.of("fold", 7) is None
    commits.commit()
    assert places.of("fold", 7) == 3
    places.save([("fold", 7, 3)])
    assert not commits.store.pending
    assert places.of("other", 7) is None


def test_a_place_whose_commit_failed_is_saved_again(commits: Commits) -> None:
    places = Places(commits)
    places.save([("fold", 7, 3)])
    commits.refuse(RuntimeError("no"))
    places.save([("fold", 7, 3)])
    commits.commit()
    assert Places(commits).of("fold", 7) == 3


def test_what_is_read_goes_after_an_hour_and_the_rest_after_a_day(commits: Commits) -> None:
    now = time.time()
    one = records(commits)
    for hours in (30, 25, 23, 2, 0.5):
        one.append({"at": now - hours * 3600})
    commits.commit()

    def at(record: dict[str, Any]) -> float:
        return float(record["at"])

    assert too_old(one, 0, at) == 2
    assert too_old(one, 3, at) == 3
    assert too_old(one, 5, at) == 4
