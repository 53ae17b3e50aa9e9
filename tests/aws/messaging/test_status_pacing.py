"""When keepalives stand in for statuses. What is held back: `test_broadcast`."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.messaging.status_pacing import KEEPALIVE_MS, SILENT_MS, keepalives

from tests.examples import examples


@given(age_ms=st.integers(0, 10**7), schedules=st.integers(1, 5))
@examples(60)
def test_from_the_first_keepalive_on_no_client_is_idle_for_longer(
    age_ms: int, schedules: int
) -> None:
    """Schedules come each minute; none is needed while heartbeats come."""
    assert keepalives(min(age_ms, SILENT_MS - 1)) == ()
    posts, start = [], max(age_ms, SILENT_MS)
    for number in range(schedules):
        at = start + number * 60_000
        for wait in keepalives(at):
            at += wait
            posts.append(at)
    assert posts[0] <= max(KEEPALIVE_MS, start)
    gaps = [later - earlier for earlier, later in pairwise(sorted(posts))]
    assert all(gap <= KEEPALIVE_MS for gap in gaps)
    assert sum(keepalives(start)) < 50_000  # within the function's time
