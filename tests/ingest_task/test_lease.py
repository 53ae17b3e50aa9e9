"""Which task publishes: the holder of the lease, or one that never had an answer."""

import threading

from signalengine_aws.stores.lease import CONNECT_S, LASTS_MS, READ_S, Answer, LeaseAwayError

from ingest_task.lease import LOOK_S, RENEW_S, RenewedLease


class Table:
    """Gives the answers of a list, then the last one again and again; None is no answer."""

    def __init__(self, *answers: Answer | None) -> None:
        self.answers = list(answers)
        self.requests = threading.Semaphore(0)
        self.released = 0

    def acquire(self) -> Answer:
        answer = self.answers[0]
        if len(self.answers) > 1:
            self.answers.pop(0)
        self.requests.release()
        if answer is None:
            raise LeaseAwayError("away")
        return answer

    def release(self) -> None:
        self.released += 1


MINE, OTHERS = Answer(True, "me"), Answer(False, "other")


def renewed(*answers: Answer | None) -> tuple[RenewedLease, Table, threading.Event]:
    table, stop = Table(*answers), threading.Event()
    return RenewedLease(table, stop, renew_s=0.001, look_s=0.001), table, stop


class Waits(threading.Event):
    """A stop that comes after so many waits; it keeps how long each would have been."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times, self.waited = times, list[float | None]()

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout)
        return len(self.waited) > self.times


def test_the_holder_renews_seldom_and_who_waits_looks_often() -> None:
    """A renewal is charged; a released lease is taken as soon as before."""
    table = Table(OTHERS, OTHERS, MINE, MINE, None, MINE, OTHERS)
    stop = Waits(times=6)
    lease = RenewedLease(table, stop)
    lease.start()
    lease.end()
    assert stop.waited == [LOOK_S, LOOK_S, RENEW_S, RENEW_S, LOOK_S, RENEW_S, LOOK_S]


def test_a_lease_outlasts_two_renewals_that_fail() -> None:
    tries_s = 2 * (CONNECT_S + READ_S)
    assert LASTS_MS == 3 * RENEW_S * 1000
    assert RENEW_S + tries_s + LOOK_S < LASTS_MS / 1000, "a renewal that fails, and the next one"


def test_the_holder_is_known_after_the_start() -> None:
    lease, _, stop = renewed(OTHERS)
    lease.start()
    assert (lease.holds(), lease.holder, lease.alive) == (False, "other", True)
    stop.set()
    lease.end()


def test_it_follows_the_answers_and_is_released_at_the_end() -> None:
    lease, table, stop = renewed(OTHERS, OTHERS, MINE)
    lease.start()
    for _ in range(4):
        assert table.requests.acquire(timeout=5)
    stop.set()
    lease.end()
    assert (lease.holds(), lease.holder, table.released) == (True, "me", 1)


def test_a_lease_of_another_task_is_not_released() -> None:
    lease, table, stop = renewed(OTHERS)
    lease.start()
    stop.set()
    lease.end()
    assert table.released == 0


def test_without_an_answer_the_last_one_is_valid_and_without_any_the_task_publishes() -> None:
    for answers, holds in (((OTHERS, None), False), ((MINE, None), True), ((None,), True)):
        lease, table, stop = renewed(*answers)
        lease.start()
        for _ in range(3):
            assert table.requests.acquire(timeout=5)
        stop.set()
        lease.end()
        assert lease.holds() is holds


def test_the_first_holder_is_known_as_the_first_and_stays_it() -> None:
    first, later = Answer(True, "me", first=True), Answer(True, "me")
    for answers, expected in (((first, later), True), ((later, first), False), ((None,), False)):
        lease, table, stop = renewed(*answers)
        lease.start()
        for _ in range(3):
            assert table.requests.acquire(timeout=5)
        stop.set()
        lease.end()
        assert lease.first is expected
