"""Questions in another language, in the English words by which they are read. Pure.

A catalogue's `questions` are patterns of words without accents and the English for each, in the
order in which they apply; the English of words that mean nothing to a query is empty. What no
pattern has, such as a symbol, stays as it is.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from .languages import ENGLISH, catalogue, language

_MONTHS: Final[Mapping[str, tuple[str, ...]]] = {
    "es": (
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto",
        "septiembre", "octubre", "noviembre", "diciembre",
    ),
}  # fmt: skip
_ENGLISH_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_WEEKDAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "es": ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"),
}
_ENGLISH_WEEKDAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
_BEFORE: Final[Mapping[str, str]] = {
    "en": "in", "de": "of", "desde": "since", "hasta": "until", "durante": "during", "el": "on",
    "del": "of", "antes": "before", "despues": "after",
}  # fmt: skip
_OPEN: Final = r"\b(desde|hasta|antes|despues|entre) (?:(?:de|del|el|la) )+"
"""Words before a date that an article may follow."""
_COUNT: Final = r"\b(\d{1,2}) (ultim[oa]s|mejores|mas nuevas|mas recientes)\b"


class Question(NamedTuple):
    """A question in English words, and the person's own words for some of them."""

    text: str
    own: Mapping[str, str] = {}

    def words(self, english: str) -> str:
        """Return the person's own words for English ones, as far as there are any."""
        for one in sorted(self.own, key=len, reverse=True):
            own = self.own[one].replace("\\", "")
            english = re.sub(rf"\b{re.escape(one)}\b", own, english)
        return english


def in_english(question: str) -> Question:
    """Return a question in the language as the English words by which it is read."""
    if language() == ENGLISH:
        return Question(question)
    code, own = language(), dict[str, str]()
    text = re.sub(_COUNT, r"\2 \1", _bare(question), flags=re.IGNORECASE)
    text = re.sub(_OPEN, r"\1 ", text, flags=re.IGNORECASE)

    def replaced(found: re.Match[str], english: str) -> str:
        if english:
            own[english] = found[0]
        return english

    text = re.sub(_dates(code), lambda found: replaced(found, _date(found, code)), text)
    pattern, meanings = _words(code)
    text = pattern.sub(lambda found: replaced(found, meanings[(found.lastindex or 1) - 1]), text)
    return Question(" ".join(text.split()), own)


def _bare(text: str) -> str:
    """Return a text without accents and the signs that begin a Spanish question."""
    parts = unicodedata.normalize("NFD", text)
    bare = "".join(one for one in parts if not unicodedata.combining(one))
    return re.sub("[¿¡]", " ", unicodedata.normalize("NFC", bare))


@cache
def _words(code: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Return one pattern with a group for each of the catalogue's, and the English of each."""
    rows: Sequence[tuple[str, str]] = catalogue(code)["questions"]  # type: ignore[assignment]
    parts = "|".join(f"({pattern})" for pattern, _ in rows)
    whole = re.compile(rf"(?<![\w$/])(?:{parts})(?![\w/]|-\w)", re.IGNORECASE)
    return whole, tuple(english for _, english in rows)


@cache
def _dates(code: str) -> str:
    before, months = "|".join(_BEFORE), "|".join(_MONTHS[code])
    weekdays = "|".join(_WEEKDAYS[code])
    return (
        rf"(?i)\b(?:(?P<before>{before}) )?(?:(?P<day>\d{{1,2}}) de )?(?P<month>{months})"
        rf"(?: (?:de |del )?(?P<year>\d{{4}}))?\b"
        rf"|\b(?P<near>{before}) (?P<weekday>{weekdays})(?P<past> pasado)?\b"
        rf"|\b(?P<on>{before}) (?P<number>\d{{4}}(?:-\d\d){{0,2}})\b"
    )


def _date(found: re.Match[str], code: str) -> str:
    """Return a date's words in English: `el 19 de mayo de 2025` → `on 19 may 2025`."""
    if found["number"]:
        return f"{_BEFORE[found['on'].lower()]} {found['number']}"
    if found["weekday"]:
        at = _WEEKDAYS[code].index(found["weekday"].lower())
        before = _BEFORE[found["near"].lower()]
        if found["past"]:
            before = f"{before} last".removeprefix("on ")
        return f"{before} {_ENGLISH_WEEKDAYS[at]}"
    before = _BEFORE[(found["before"] or "en").lower()]
    month = _ENGLISH_MONTHS[_MONTHS[code].index(found["month"].lower())]
    return " ".join(filter(None, (before, found["day"], month, found["year"])))
