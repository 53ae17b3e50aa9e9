"""Periods that a question names, as whole UTC days: spans before now, and dates. Pure."""

import re
from calendar import monthrange
from datetime import date, timedelta
from math import ceil
from typing import Final, NamedTuple

from signalengine.text.languages import t

# Patterns are compiled when the first question comes, not at a cold start.
MAX_DAYS: Final = 366


class Period(NamedTuple):
    """UTC days: `days` of them, the last one `days_ago` before the current one."""

    days: int
    days_ago: int = 0
    named: str = ""
    """A date's own name: `2025-05-19`."""

    @property
    def title(self) -> str:
        """The period in words."""
        if self.named:
            return f"{self.named} (UTC)"
        if self.days_ago:
            return t("yesterday (UTC)")
        if self.days == 1:
            return t("today (UTC)")
        return t("the last {n} days (UTC)", n=self.days)


_UNITS: Final = {"day": 1, "week": 7, "month": 30}
_SPAN: Final = (
    r"\b(?:(?:last|past|previous|in) )?(\d{1,3}) ?"
    r"(minutes?|mins?|hours?|h|days?|d|weeks?|months?)\b"
)
_NEAR_DAYS: Final = {
    r"\bsince yesterday\b": Period(2),
    r"\byesterday('s)?\b": Period(1, 1),
    r"\b(today|todays|tonight|so far|intraday)\b": Period(1),
}
_THE: Final = r"\b(?:this|last|past|current|the)"
_SPANS: Final = {
    r"\b(last|past) hour\b": 2,
    rf"{_THE} (hour|day)\b|daily": 1,
    rf"{_THE} week\b|weekly": 7,
    rf"{_THE} month\b|monthly": 30,
    rf"{_THE} year\b|yearly": 365,
}
"""Days of spans without a number; the last hour can reach into the day before."""
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov",
                  "dec")  # fmt: skip
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_OPEN: Final = frozenset({"since", "from", "after"})
"""Words before a date that begin a period which ends now."""
_UNBOUNDED: Final = frozenset({"until", "before", "at", "between"})
"""Words before a date of which no period follows."""


def span_of(text: str) -> tuple[Period | None, str | None]:
    """Return the days before now that a text names with its words for them, None without any."""
    for pattern, period in _NEAR_DAYS.items():
        if found := re.search(pattern, text):
            return period, found[0].removesuffix("'s")
    if span := re.search(_SPAN, text):
        return Period(_days(int(span[1]), span[2])), span[0]
    for pattern, days in _SPANS.items():
        if found := re.search(pattern, text):
            return Period(days), found[0]
    return None, None


def _days(number: int, unit: str) -> int:
    """Return whole UTC days; hours and minutes count as all days that they can reach into."""
    if unit[0] == "h" or unit.startswith("mi"):
        hours = number if unit[0] == "h" else number / 60
        return min(ceil(hours / 24) + 1, MAX_DAYS)
    each = _UNITS["day" if unit == "d" else unit.removesuffix("s")]
    return min(max(number * each, 1), MAX_DAYS)


def dated(words: str, today: date) -> Period | None:
    """Return the days that the words of a date name, such as `on 3 june 2025` or `last monday`.

    A date without a year is the newest one that has begun. None for words that are no date, and
    for days that no query reaches: later ones, and those of more than a year ago.
    """
    before, *_ = words.split()
    if before in _UNBOUNDED:
        return None
    found = _range(words.replace(",", ""), today)
    if found is None:
        return None
    first, last = found
    if before in _OPEN:
        first, last = (first if before != "after" else last + timedelta(1)), today
    last = min(last, today)
    days, ago = (last - first).days + 1, (today - last).days
    if days < 1 or days > MAX_DAYS or ago > MAX_DAYS:
        return None
    named = f"{first}" if days == 1 else f"{first} – {last}"
    return Period(days, ago, named)


def _range(words: str, today: date) -> tuple[date, date] | None:
    """Return the first and the last day of a date."""
    if iso := re.search(r"\b(\d{4})-(\d\d)(?:-(\d\d))?\b", words):
        return _of_parts(int(iso[1]), int(iso[2]), int(iso[3]) if iso[3] else None)
    if weekday := re.search(r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*days?\b", words):
        back = (today.weekday() - _WEEKDAYS.index(weekday[1])) % 7
        near = today - timedelta(back or 7 if " last " in f" {words}" else back)
        return near, near
    month = re.search(rf"\b({'|'.join(_MONTHS)})[a-z]*\b", words)
    numbers = [int(one) for one in re.findall(r"\b\d{1,4}\b", words)]
    year = next((one for one in numbers if one > 1_900), None)
    if month is None:
        return None if year is None else (date(year, 1, 1), date(year, 12, 31))
    number = _MONTHS.index(month[1]) + 1
    day = next((one for one in numbers if one < 32), None)
    if year is not None:
        return _of_parts(year, number, day)
    this = _of_parts(today.year, number, day)
    return this if this is None or this[0] <= today else _of_parts(today.year - 1, number, day)


def _of_parts(year: int, month: int, day: int | None) -> tuple[date, date] | None:
    """Return a day, or a month's first and last day; None for what the calendar does not have."""
    try:
        first = date(year, month, day or 1)
    except ValueError:
        return None
    return first, first if day else date(year, month, monthrange(year, month)[1])
