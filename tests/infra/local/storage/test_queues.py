"""Queues: messages that were sent and not deleted are there after a restart, in their order."""

from pathlib import Path
from typing import Any

import pytest

from infra.local.storage.commits import Commits
from infra.local.storage.opening import opened
from infra.local.storage.queues import Queues


@pytest.fixture
def commits(tmp_path: Path) -> Any:
    found = opened(tmp_path, "live")
    yield Commits(found.store)
    found.close()


def message(name: str) -> dict[str, Any]:
    return {"id": name, "body": f"body of {name}", "sent_at": 1.5, "receipt_handle": "held",
            "receive_count": 3, "first_receive_at": 2.0}  # fmt: skip


def loaded(commits: Commits) -> list[dict[str, Any]]:
    queue: dict[str, Any] = {"name": "q", "messages": []}
    Queues(commits, {}).load(queue)
    return list(queue["messages"])


def test_messages_that_were_sent_and_not_deleted_are_there_and_nobody_holds_them(
    commits: Commits,
) -> None:
    queue: dict[str, Any] = {"name": "q", "messages": []}
    queues = Queues(commits, {"url": queue})
    queues.load(queue)
    commits.savers.append(queues.save)
    queue["messages"] += [message("b"), message("a")]
    commits.commit()
    queue["messages"] = [*queue["messages"][1:], message("c")]
    commits.commit()
    assert [one["id"] for one in loaded(commits)] == ["a", "c"]
    assert loaded(commits)[0] == {
        "id": "a", "body": "body of a", "sent_at": 1.5, "receipt_handle": None,
        "receive_count": 0, "first_receive_at": None,
    }  # fmt: skip


def test_a_commit_without_changes_writes_nothing(commits: Commits) -> None:
    queue: dict[str, Any] = {"name": "q", "messages": [message("a")]}
    queues = Queues(commits, {"url": queue})
    commits.savers.append(queues.save)
    commits.commit()
    queues.save()
    assert not commits.store.pending


def test_what_a_failed_commit_had_is_written_by_the_next(commits: Commits) -> None:
    queue: dict[str, Any] = {"name": "q", "messages": [message("a")]}
    queues = Queues(commits, {"url": queue})
    queues.save()
    commits.refuse(RuntimeError("no"))
    queues.save()
    commits.commit()
    assert [one["id"] for one in loaded(commits)] == ["a"]


def test_what_was_sent_is_taken_back_when_it_is_refused_and_the_rest_stays(
    commits: Commits,
) -> None:
    queue: dict[str, Any] = {"name": "q", "messages": [message("a")], "dedup_cache": {}}
    queues = Queues(commits, {"url": queue})
    with queues.sending():
        queue["messages"].append(message("b"))
        queue["dedup_cache"]["key"] = {"id": "b"}
    queue["messages"].append(message("c"))
    commits.refuse(RuntimeError("no"))
    assert [one["id"] for one in queue["messages"]] == ["a", "c"]
    assert queue["dedup_cache"] == {}
    with queues.sending():
        queue["messages"].append(message("d"))
    commits.commit()
    assert [one["id"] for one in queue["messages"]] == ["a", "c", "d"]
