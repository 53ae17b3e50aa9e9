"""Reasons that are stored in English, in the language of the reader.

A reason is found again by its form: `{side} scores {score}` of `long scores 65.4%`.
"""

import re
from functools import cache

from .formatting import local, percent_of
from .languages import ENGLISH, catalogue, language, t


def reason(english: str) -> str:
    """Return a reason in the language; one of an unknown form as it is."""
    if language() == ENGLISH:
        return english
    whole = _translated(english)
    return whole if whole is not None else "; ".join(map(_part, english.split("; ")))


def _part(english: str) -> str:
    found = _translated(english)
    return english if found is None else found


def _translated(english: str) -> str | None:
    for pattern, text in _forms(language()):
        found = pattern.fullmatch(english)
        if found is not None:
            return text.format(**{name: _value(one) for name, one in found.groupdict().items()})
    return None


@cache
def _forms(code: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^;]+?)", re.escape(form))), text)
        for form, text in catalogue(code)["reasons"].items()
    )


def _value(text: str) -> str:
    """Return a value of a reason: a number as the language writes it, a direction, or itself."""
    number = re.fullmatch(r"(\d[\d,]*(?:\.\d+)?)(%?)( ?(?:s|ms))?", text)
    if number is None:
        return t(text)
    written = percent_of(number[1]) if number[2] else local(number[1])
    return written + (number[3] or "")
