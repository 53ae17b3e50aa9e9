"""Who speaks: the holder, and whoever cannot ask."""

import threading

from signalengine_aws.stores.lease import Answer, LeaseAwayError

from ingest_task.lease import KeptLease


class Table:
    """Gives the answers of a list, then the last one for ever; None is no answer."""

    def __init__(self, *answers: Answer | None) -> None:
        self.answers = list(answers)
        self.asked = threading.Semaphore(0)
        self.released = 0

    def acquire(self) -> Answer:
        answer = self.answers[0]
        if len(self.answers) > 1:
            self.answers.pop(0)
        self.asked.release()
        if answer is None:
            raise LeaseAwayError("away")
        return answer

    def release(self) -> None:
        self.released += 1


MINE, OTHERS = Answer(True, "me"), Answer(False, "other")


def kept(*answers: Answer | None) -> tuple[KeptLease, Table, threading.Event]:
    table, stop = Table(*answers), threading.Event()
    return KeptLease(table, stop, every_s=0.001), table, stop


def test_it_is_known_before_anything_is_said() -> None:
    lease, _, stop = kept(OTHERS)
    lease.start()
    assert (lease.holds(), lease.holder, lease.alive) == (False, "other", True)
    stop.set()
    lease.end()


def test_it_follows_the_answers_and_is_let_go_of_at_the_end() -> None:
    lease, table, stop = kept(OTHERS, OTHERS, MINE)
    lease.start()
    for _ in range(4):
        assert table.asked.acquire(timeout=5)
    stop.set()
    lease.end()
    assert (lease.holds(), lease.holder, table.released) == (True, "me", 1)


def test_another_s_lease_is_not_let_go_of() -> None:
    lease, table, stop = kept(OTHERS)
    lease.start()
    stop.set()
    lease.end()
    assert table.released == 0


def test_who_cannot_ask_keeps_the_last_answer_and_who_never_could_speaks() -> None:
    for answers, speaks in (((OTHERS, None), False), ((MINE, None), True), ((None,), True)):
        lease, table, stop = kept(*answers)
        lease.start()
        for _ in range(3):
            assert table.asked.acquire(timeout=5)
        stop.set()
        lease.end()
        assert lease.holds() is speaks
