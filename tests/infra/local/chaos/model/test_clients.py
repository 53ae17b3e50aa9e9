"""A client of the harness follows the rules of the dashboard's feed (`web/src/feed`)."""

from collections.abc import Sequence
from typing import Any

import pytest

from infra.local.chaos.model.clients import (
    MOST_REQUESTS,
    RESUME_EVERY_MS,
    RESUMES_AT_ONCE,
    STEADY_MS,
    Person,
)  # fmt: skip
from infra.local.chaos.model.services.account import Account

NOW = 1_000_000


@pytest.fixture
def account() -> Account:
    return Account(NOW)


def arrived(account: Account, person: Person, *messages: dict[str, Any]) -> int | None:
    """Deliver messages; returns from when on the client requests a resume."""
    assert person.connection is not None
    account.clients[person.connection].received += messages
    request = person.read(account)
    return None if request is None else request["since"]


def connected(cursor: int, *, complete: bool = True) -> dict[str, Any]:
    page = {"events": [], "next": None}
    return {"type": "connected", "data": {"cursor": cursor, "complete": complete} | page}


def signal(event_id: str, cursor: int) -> dict[str, Any]:
    return {"type": "signal", "event_id": event_id, "cursor": cursor}


def status(*recent: Sequence[Any]) -> dict[str, Any]:
    return {"type": "status", "data": {"recent": list(recent)}}


def test_a_client_resumes_from_the_newest_event_that_it_has(account: Account) -> None:
    person = Person("first")
    person.connect(account)
    arrived(account, person, connected(NOW), signal("a#opened", NOW + 5))
    person.connect(account)
    assert person.cursor == NOW + 5
    assert person.connections == ["first0", "first1"]
    assert not account.clients["first0"].there


def test_its_cursor_waits_while_missed_messages_may_arrive(account: Account) -> None:
    person = Person("first")
    person.connect(account)
    arrived(account, person, connected(NOW))
    person.connect(account)
    arrived(account, person, connected(NOW + 10), signal("a#opened", NOW + 20))
    assert person.cursor == NOW
    account.now += STEADY_MS
    person.connect(account)
    assert person.cursor == NOW + 20


def test_what_a_status_lists_and_did_not_arrive_is_requested_a_few_times(account: Account) -> None:
    person = Person("first")
    person.connect(account)
    arrived(account, person, connected(NOW), signal("a#opened", NOW + 5))
    listed = status(["a#opened", NOW + 5], ["b#opened", NOW + 7], ["old#opened", NOW - 1])
    for _ in range(MOST_REQUESTS):
        assert arrived(account, person, listed) == NOW + 6
    assert arrived(account, person, listed) is None
    assert person.listed == {"b#opened"}


def test_it_requests_no_more_than_the_server_accepts(account: Account) -> None:
    person = Person("first")
    person.connect(account)
    person.request(None)
    arrived(account, person, connected(NOW))
    listed = [status([f"{name}#opened", NOW + 7]) for name in "abcdef"]
    requests = [arrived(account, person, one) for one in listed]
    assert requests == [NOW + 6] * (RESUMES_AT_ONCE - 1) + [None] * 3
    account.now += RESUME_EVERY_MS
    assert arrived(account, person, listed[-1]) == NOW + 6


def test_it_takes_the_events_of_an_answer_and_requests_the_next_page(account: Account) -> None:
    person = Person("first")
    person.connect(account)
    person.request(NOW - 9)
    answer = connected(NOW)
    answer["data"] |= {"events": [signal("a#opened", NOW - 5)], "next": "5-a"}
    account.clients["first0"].received.append(answer)
    request = person.read(account)
    assert request == {"action": "resume", "since": NOW - 9, "batch": True, "after": "5-a"}
    assert person.events == {"a#opened"}


def test_an_answer_that_is_not_complete_makes_it_read_the_table(account: Account) -> None:
    person = Person("first")
    person.connect(account)
    arrived(account, person, connected(NOW, complete=False))
    assert person.reloaded == NOW
