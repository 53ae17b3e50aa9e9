"""Retries with backoff and jitter."""

from signalengine_aws.runtime.retries import LONGEST_WAIT_S, TRIES, attempts


def test_every_attempt_but_the_first_waits() -> None:
    waits: list[float] = []
    assert list(attempts(sleep=waits.append)) == list(range(TRIES))
    assert len(waits) == TRIES - 1
    assert all(0 <= wait <= LONGEST_WAIT_S for wait in waits)
