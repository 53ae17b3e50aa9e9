"""Reads times as people and programs write them, and writes them: ms since the epoch, UTC.

Read are ms (`1747656000000`), days (`2025-05-19`, from 00:00) and ISO 8601 times with a `T` or a
space (`2025-05-19T12:00`, `2025-05-19 12:00:00.5+02:00`, `… UTC`). A time without an offset is UTC.
What could be read in two ways is refused, and the error names the likely meaning.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Final

from ..intervals import DAY_MS, MINUTE_MS

EXPECTED: Final = "expected ms, or a UTC time like 2025-05-19 or 2025-05-19T12:00"
EXPECTED_DAY: Final = "expected a UTC day like 2025-05-19"
END_MS: Final = 4_102_444_800_000
"""2100: no later time is meant."""
_MAX_CHARS: Final = 60
_DAY: Final = r"\d{4}-\d\d-\d\d"
_TIME: Final = (
    r"(?P<day>\d{4}-\d\d-\d\d)(?:T| )(?P<hour>\d\d):(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?P<zone> ?(?:Z|UTC|GMT)| ?[+-]\d\d(?::?\d\d)?| \d\d:?\d\d)?"
)
"""A `+` in a query is decoded to a space: `12:00 02:00` is 12:00 at +02:00."""
_DIGITS: Final = r"\d+"
_FRACTION: Final = r"(\d{9,10})[.,]\d+"
_WEEK: Final = r"(\d{4})-?W(\d\d)(?:-?(\d))?"
_ORDINAL: Final = r"(\d{4})-(\d{3})"
_LOOSE: Final = r"(\d{4})([-/.])(\d\d?)\2(\d\d?)"
_DAY_LAST: Final = r"\d\d?[-/. ]\d\d?[-/. ]\d{4}"
_HOUR: Final = r"(\d{4}-\d\d-\d\d)[T ]([01]\d|2[0-3])"
_NAMED_ZONE: Final = r"\d{4}-\d\d-\d\d[T :.\d]* ?([A-Z]{2,5}|[A-Z]+/[A-Z_]+)"
_STAMPS: Final = {
    9: ("seconds", 3), 10: ("seconds", 3), 16: ("microseconds", -3), 19: ("nanoseconds", -6),
}  # fmt: skip
"""By the number of digits: the unit, and the power of ten to ms."""
_FURTHEST_MIN: Final = 14 * 60
"""The largest offset from UTC in use, minutes."""


class TimeError(ValueError):
    """A text that is no time, or could be several; the message names the likely meaning."""


def read_time(text: str) -> int:
    """Return the ms of a text, from 1970 to 2099; raises TimeError."""
    word = _tidied(text)
    if _whole(_DIGITS, word):
        return _stamp(word)
    if _whole(_DAY, word):
        return _midnight(word)
    found = _whole(_TIME, word)
    if found is None:
        raise TimeError(_likely(word, text))
    return _moment(found)


def read_day(text: str) -> str:
    """Return a UTC day, as `2025-05-19`; raises TimeError."""
    try:
        return _day(_tidied(text), text)
    except TimeError as error:
        raise TimeError(str(error).replace(EXPECTED, EXPECTED_DAY)) from None


def time_text(ms: int) -> str:
    """Return a time as `read_time` reads it, in the shortest form: `2025-05-19T12:00Z`."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    if ms % DAY_MS == 0:
        return f"{moment:%Y-%m-%d}"
    precision = "seconds" if ms % 1_000 == 0 else "milliseconds"
    precision = "minutes" if ms % MINUTE_MS == 0 else precision
    return moment.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def check_period(
    start: int | None, end: int | None, names: tuple[str, str] = ("from", "to")
) -> None:
    """Refuse a period that holds nothing; raises TimeError, which names both ends."""
    if start is None or end is None or start < end:
        return
    first, last = names
    if start > end:
        why = f"{last} ({time_text(end)}) is before {first} ({time_text(start)})"
    else:
        why = f"{first} and {last} are both {time_text(end)}, and {last} is exclusive"
        if start % DAY_MS == 0:
            why += f": for that day give {last} {time_text(end + DAY_MS)}"
    raise TimeError(why)


# --- what is read --------------------------------------------------------------------------------


def _tidied(text: str) -> str:
    if len(text) > _MAX_CHARS:
        raise TimeError(EXPECTED)
    word = unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-").strip().upper()
    return re.sub(r" +", " ", word)


def _day(word: str, text: str) -> str:
    if _whole(_DAY, word):
        _midnight(word)
        return word
    if _whole(_DIGITS, word):
        time = time_text(_stamp(word))
        raise TimeError(f"{word} is {time}: did you mean {time[:10]}?")
    found = _whole(_TIME, word)
    raise TimeError(
        _likely(word, text) if found is None else f"{word}: did you mean {found['day']}?"
    )


def _stamp(digits: str) -> int:
    """Read whole numbers: ms from 2001 on, which have 13 digits; and 0, alike in all units."""
    if digits == "0":
        return 0
    if len(digits) == 13 and digits[0] != "0":
        if int(digits) < END_MS:
            return int(digits)
        raise TimeError(f"{digits} is {time_text(int(digits))[:10]}: {EXPECTED}, before 2100")
    raise TimeError(_number_meant(digits))


def _moment(found: re.Match[str]) -> int:
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    start = _midnight(found["day"])
    if hour == 24 and minute == second == 0:
        raise TimeError(f"24:00 of {found['day']} is {time_text(start + DAY_MS)}: write that")
    if second == 60:
        raise TimeError("a second 60 (a leap second) is not counted: write 59, or the next minute")
    if hour > 23 or minute > 59 or second > 59:
        raise TimeError(f"{found[0]} is not a time of day: {EXPECTED}")
    fraction = int((found["fraction"] or "0").ljust(3, "0")[:3])
    ms = start + ((hour * 60 + minute) * 60 + second) * 1_000 + fraction
    return _checked(ms - _offset(found["zone"] or "", found[0]) * MINUTE_MS)


def _offset(zone: str, whole: str) -> int:
    """Return an offset from UTC in minutes."""
    word = zone.strip().replace(":", "")
    if word in ("", "Z", "UTC", "GMT"):
        return 0
    sign = -1 if word.startswith("-") else 1
    digits = word.lstrip("+-").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if minutes > _FURTHEST_MIN or int(digits[2:]) > 59:
        raise TimeError(f"{whole}: there is no offset {zone.strip()} from UTC")
    return sign * minutes


def _midnight(day: str) -> int:
    try:
        moment = date.fromisoformat(day)
    except ValueError:
        raise TimeError(f"{day} is not a day of the calendar: {EXPECTED}") from None
    return _checked((moment - date(1970, 1, 1)).days * DAY_MS)


def _checked(ms: int) -> int:
    if not 0 <= ms < END_MS:
        raise TimeError("expected a time from 1970 to 2099")
    return ms


# --- what is refused, with the likely meaning ----------------------------------------------------


def _likely(word: str, text: str) -> str:
    """Return the reason why a text is no time, with what it would be."""
    if (match := _whole(_FRACTION, word)) is not None:
        return _number_meant(match[1])
    meant = _calendar_meant(word)
    if meant is not None:
        return f"{word}: did you mean {meant}?"
    if (match := _whole(_HOUR, word)) is not None:
        return f"{word}: did you mean {match[1]}T{match[2]}:00?"
    if _whole(_DAY_LAST, word):
        return f"{word}: which is the month? Write it like 2025-05-19"
    if (match := _whole(_NAMED_ZONE, word)) is not None:
        return f"{match[1]} has no fixed offset: write it like +02:00, or leave it out for UTC"
    return f"{_shown(text)} is not a time: {EXPECTED}"


def _number_meant(digits: str) -> str:
    packed = _packed(digits)
    if packed is not None:
        return f"{digits} looks like a date: write {packed}"
    unit, shift = _STAMPS.get(len(digits), ("", 0))
    if not unit:
        return f"{_shown(digits)} is not a time in ms, which has 13 digits: {EXPECTED}"
    ms = int(digits) * 10**shift if shift > 0 else int(digits) // 10**-shift
    return f"{digits} looks like {unit}; milliseconds would be {ms}"


def _packed(digits: str) -> str | None:
    """Return the time that `2025`, `20250519` or `20250519120000` is, None for other numbers."""
    if len(digits) not in (4, 6, 8, 12, 14):
        return None
    year, rest = int(digits[:4]), [int(digits[at : at + 2]) for at in range(4, len(digits), 2)]
    fields = (year, *rest, *(1, 1)[len(rest) :])
    try:
        moment = datetime(*fields, tzinfo=UTC)  # type: ignore[misc,arg-type]  # as many as digits
    except ValueError:
        return None
    if not 1970 <= year < 2100:
        return None
    return time_text((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))


def _calendar_meant(word: str) -> str | None:
    """Return the day that a week date, an ordinal date or a loosely written day is."""
    try:
        if (match := _whole(_WEEK, word)) is not None:
            return str(date.fromisocalendar(int(match[1]), int(match[2]), int(match[3] or 1)))
        if (match := _whole(_ORDINAL, word)) is not None:
            return str(date(int(match[1]), 1, 1) + timedelta(days=int(match[2]) - 1))
        if (match := _whole(_LOOSE, word)) is not None:
            return str(date(int(match[1]), int(match[3]), int(match[4])))
    except (ValueError, OverflowError):
        pass
    return None


def _whole(pattern: str, word: str) -> re.Match[str] | None:
    return re.fullmatch(
        pattern, word, re.ASCII
    )  # compiled at the first use: most requests have none


def _shown(text: str) -> str:
    clean = "".join(c if c.isprintable() else "?" for c in text.strip())
    return clean if 0 < len(clean) <= 30 else f"{clean[:29]}…" if clean else "an empty text"
