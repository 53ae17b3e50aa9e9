"""How many closing klines a minute are verified."""

from hypothesis import given
from hypothesis import strategies as st

from ingest_task.recording.verification_budget import PER_MINUTE, VerificationBudget


@given(st.lists(st.integers(0, 10), min_size=1, max_size=300))
def test_no_minute_has_more_than_its_own(minutes: list[int]) -> None:
    budget = VerificationBudget()
    taken = [minute for minute in sorted(minutes) if budget.take(minute * 60_000 + 59_999)]
    for minute in set(minutes):
        assert taken.count(minute) == min(PER_MINUTE, minutes.count(minute))
