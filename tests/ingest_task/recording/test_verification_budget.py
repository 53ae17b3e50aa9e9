"""How many closing klines a minute may be doubted."""

from hypothesis import given
from hypothesis import strategies as st

from ingest_task.recording.verification_budget import A_MINUTE, VerificationBudget


@given(st.lists(st.integers(0, 10), min_size=1, max_size=300))
def test_no_minute_has_more_than_its_own(minutes: list[int]) -> None:
    doubts = VerificationBudget()
    taken = [minute for minute in sorted(minutes) if doubts.take(minute * 60_000 + 59_999)]
    for minute in set(minutes):
        assert taken.count(minute) == min(A_MINUTE, minutes.count(minute))
