"""Times as people and programs write them: what is read, what is refused and why, laws."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS
from signalengine.text.time_reader import (
    END_MS,
    TimeError,
    check_period,
    read_day,
    read_time,
    time_text,
)

from tests.examples import examples

NOON = 1747656000000
TIMES = st.integers(0, END_MS - 1)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1747656000000", NOON),
        ("0", 0),
        ("2025-05-19", 1747612800000),
        ("2025-05-19T12:00", NOON),
        ("2025-05-19 12:00", NOON),
        ("2025-05-19t12:00:00z", NOON),
        ("2025-05-19T12:00:00.000Z", NOON),
        ("2025-05-19T12:00:00.123456", NOON + 123),
        ("2025-05-19T12:00:00,5", NOON + 500),
        ("2025-05-19T14:00+02:00", NOON),
        ("2025-05-19T14:00:00 02:00", NOON),  # the + of a query, decoded
        ("2025-05-19T14:00+0200", NOON),
        ("2025-05-19T14:00+02", NOON),
        ("2025-05-19T06:30:00-05:30", NOON),
        ("2025-05-19T06:30:00\N{MINUS SIGN}05:30", NOON),
        ("2025-05-19 12:00:00 UTC", NOON),
        ("2025-05-19T12:00 GMT", NOON),
        (" 2025-05-19 ", 1747612800000),
        ("２０２５-０５-１９", 1747612800000),
        ("2024-02-29", 1709164800000),
        ("2025-05-20T02:00+14:00", NOON),
    ],
)
def test_a_time_is_read(text: str, ms: int) -> None:
    assert read_time(text) == ms


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("1747612800", "looks like seconds; milliseconds would be 1747612800000"),
        ("1747612800.25", "1747612800 looks like seconds"),
        ("1747612800123456", "looks like microseconds; milliseconds would be 1747612800123"),
        ("1747612800123456789", "looks like nanoseconds; milliseconds would be 1747612800123"),
        ("20250519", "looks like a date: write 2025-05-19"),
        ("202505", "looks like a date: write 2025-05-01"),
        ("2025", "looks like a date: write 2025-01-01"),
        ("202505191200", "looks like a date: write 2025-05-19T12:00Z"),
        ("20250519120030", "looks like a date: write 2025-05-19T12:00:30Z"),
        ("99999999", "is not a time in ms, which has 13 digits"),
        ("5", "is not a time in ms, which has 13 digits"),
        ("9999999999999", "is 2286-11-20: .*before 2100"),
        ("2025-W21-1", "did you mean 2025-05-19?"),
        ("2025W21", "did you mean 2025-05-19?"),
        ("2025-139", "did you mean 2025-05-19?"),
        ("2025/05/19", "did you mean 2025-05-19?"),
        ("2025-5-9", "did you mean 2025-05-09?"),
        ("19.05.2025", "which is the month?"),
        ("05/06/2025", "which is the month?"),
        ("2025-05-19T12", "did you mean 2025-05-19T12:00?"),
        ("2025-05-19T24:00", "24:00 of 2025-05-19 is 2025-05-20"),
        ("2016-12-31T23:59:60Z", "leap second"),
        ("2025-05-19T24:01", "is not a time of day"),
        ("2025-05-19T12:60", "is not a time of day"),
        ("2025-05-19T12:00 CET", "CET has no fixed offset"),
        ("2025-05-19T12:00 Europe/Zurich", "EUROPE/ZURICH has no fixed offset"),
        ("2025-05-19T12:00+15:00", r"no offset \+15:00"),
        ("2025-05-19T12:00+02:60", r"no offset \+02:60"),
        ("2025-02-30", "2025-02-30 is not a day of the calendar"),
        ("2025-13-45", "2025-13-45 is not a day of the calendar"),
        ("1969-12-31", "from 1970 to 2099"),
        ("2100-01-01", "from 1970 to 2099"),
        ("0001-01-01T00:00+14:00", "from 1970 to 2099"),
        ("now", "now is not a time: expected ms, or a UTC time like 2025-05-19"),
        ("-1747656000000", "is not a time"),
        ("1e12", "is not a time"),
        ("", "an empty text is not a time"),
        ("9" * 61, "expected ms, or a UTC time"),
        ("٢٠٢٥-٠٥-١٩", "is not a time"),
    ],
)
def test_what_is_not_clear_is_refused_with_the_likely_meaning(text: str, meaning: str) -> None:
    with pytest.raises(TimeError, match=meaning):
        read_time(text)


@given(TIMES)
@examples(200)
def test_what_is_written_is_read_back(ms: int) -> None:
    assert read_time(time_text(ms)) == ms
    assert read_time(time_text(ms).replace("T", " ")) == ms
    assert ms < 10**12 or read_time(str(ms)) == ms


@given(TIMES, st.integers(-12 * 60, 14 * 60))
@examples(100)
def test_an_offset_is_subtracted(ms: int, minutes: int) -> None:
    local = ms + minutes * 60_000
    if not 0 <= local < END_MS or local % DAY_MS == 0:
        return
    sign, away = "-" if minutes < 0 else "+", abs(minutes)
    offset = f"{sign}{away // 60:02d}:{away % 60:02d}"
    text = time_text(local).removesuffix("Z") + offset
    assert read_time(text) == ms
    assert read_time(text.replace("+", " ")) == ms


@given(st.text(max_size=70) | st.from_regex(r"[0-9TWZ:/+. \-]{0,30}"))
@examples(300)
def test_any_text_is_a_time_or_refused(text: str) -> None:
    with suppress(TimeError):
        ms = read_time(text)
        assert 0 <= ms < END_MS
        assert read_time(time_text(ms)) == ms
    with suppress(TimeError):
        assert read_time(read_day(text)) % DAY_MS == 0


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("20250519", "looks like a date: write 2025-05-19"), ("2025-W21-1", "mean 2025-05-19?"),
     ("2025-05-19T12:00", "did you mean 2025-05-19?"), ("x", "expected a UTC day like 2025-05-19"),
     ("2025-02-30", "is not a day of the calendar"), ("1747612800", "looks like seconds"),
     ("1747656000000", "is 2025-05-19T12:00Z: did you mean 2025-05-19?")],
)  # fmt: skip
def test_a_day_is_refused_with_the_likely_meaning(text: str, meaning: str) -> None:
    with pytest.raises(TimeError, match=meaning):
        read_day(text)


def test_a_period_ends_after_it_begins() -> None:
    check_period(None, 5)
    check_period(5, None)
    check_period(5, 6)
    with pytest.raises(TimeError, match=r"^--to \(2025-05-18\) is before --from \(2025-05-19\)$"):
        check_period(1747612800000, 1747526400000, ("--from", "--to"))
    with pytest.raises(TimeError, match=r"^from and to are both 2025-05-19, and to is exclusive: "
                       r"for that day give to 2025-05-20$"):  # fmt: skip
        check_period(1747612800000, 1747612800000)
    with pytest.raises(TimeError, match=r"^from and to are both 2025-05-19T12:00Z, and to is excl"):
        check_period(NOON, NOON)
