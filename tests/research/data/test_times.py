"""Times as people write them become ms since the epoch, UTC."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from research.data.errors import DataError
from research.data.times import Moment, day_of, midnight, moment, month_starts, time_ms

NEW_YEAR = 1_767_225_600_000
"""2026-01-01 00:00 UTC."""


@pytest.mark.parametrize(
    "value",
    [
        NEW_YEAR,
        "2026-01-01",
        " 2026-01-01T00:00 ",
        "2026-01-01T01:00+01:00",
        date(2026, 1, 1),
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1),  # noqa: DTZ001 - a time without a zone is UTC
        datetime(2025, 12, 31, 22, tzinfo=timezone(timedelta(hours=-2))),
    ],
)
def test_a_time_may_be_written_in_many_ways(value: Moment) -> None:
    assert time_ms(value) == NEW_YEAR


@pytest.mark.parametrize("value", ["yesterday", "", NEW_YEAR // 1000, NEW_YEAR * 1000, 0])
def test_what_is_not_a_time_in_ms_is_refused(value: Moment) -> None:
    with pytest.raises(DataError, match=r"not a time"):
        time_ms(value)


def test_times_are_shown_by_minute_and_day() -> None:
    assert moment(NEW_YEAR + 61_000) == "2026-01-01 00:01"
    assert day_of(NEW_YEAR - 1) == "2025-12-31"
    assert midnight(NEW_YEAR + 5) == NEW_YEAR


def test_the_months_of_a_span_end_with_the_month_after_it() -> None:
    starts = month_starts(NEW_YEAR - 1, NEW_YEAR + 1)
    assert [day_of(start) for start in starts] == ["2025-12-01", "2026-01-01", "2026-02-01"]
