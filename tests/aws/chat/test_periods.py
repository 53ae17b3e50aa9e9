"""Periods of a question: dates are whole days that have begun, within a year."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.chat.periods import MAX_DAYS, Period, dated, span_of

from tests.examples import examples

MONDAY = date(2025, 5, 19)


@pytest.mark.parametrize(
    ("words", "days", "ago"),
    [
        ("on 2025-05-18", 1, 1),
        ("2025-05", 19, 0),
        ("on monday", 1, 0),
        ("last monday", 1, 7),
        ("since last monday", 8, 0),
        ("on friday", 1, 3),
        ("in april", 30, 19),
        ("in june", 30, 323),  # that of the year before
        ("3 june 2024", 1, 350),
        ("since 3 may", 17, 0),
        ("after 3 may", 16, 0),
        ("in 2025", 139, 0),
    ],
)
def test_a_date_is_days_before_today(words: str, days: int, ago: int) -> None:
    found = dated(words, MONDAY)
    assert found is not None
    assert (found.days, found.days_ago) == (days, ago)


@pytest.mark.parametrize(
    "words",
    ["until march", "between june 3 and june 5", "before 2025-05-01", "at 3pm", "above 70",
     "on 2025-05-20", "in 2023", "on 31 february", "on 2025-13-01", "since 2020-01-01"],
)  # fmt: skip
def test_what_no_query_reaches_is_no_period(words: str) -> None:
    assert dated(words, MONDAY) is None


@given(st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.integers(0, MAX_DAYS))
@examples(60)
def test_a_days_own_name_is_that_day(today: date, ago: int) -> None:
    day = today - timedelta(ago)
    assert dated(f"on {day}", today) == Period(1, ago, str(day))


def test_spans_are_named_with_their_words() -> None:
    assert span_of("results of the last 3 days") == (Period(3), "last 3 days")
    assert span_of("yesterday's signals") == (Period(1, 1), "yesterday")
    assert span_of("signals") == (None, None)
