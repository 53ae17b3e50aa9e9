"""Texts for people in their language. English stands in the code; `es.json` has each in Spanish.

A text is English unless its caller opens another language: `with in_language("es"):`. Pure but for
that context, which each thread has of its own.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Final

ENGLISH: Final = "en"
LANGUAGES: Final = {ENGLISH: "English", "es": "Español"}
"""Each language in its own words, by its code."""
_CHOSEN: Final = ContextVar("language", default=ENGLISH)


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Write the texts made inside in a language; one without texts is English."""
    token = _CHOSEN.set(code if code in LANGUAGES else ENGLISH)
    try:
        yield
    finally:
        _CHOSEN.reset(token)


def language() -> str:
    """Return the code of the language that texts are written in now."""
    return _CHOSEN.get()


def known_language(tag: str) -> str | None:
    """Return the language of a tag such as `es-MX`, None for one without texts."""
    code = tag.strip().lower().replace("_", "-").partition("-")[0]
    return code if code in LANGUAGES else None


@cache
def catalogue(code: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the texts of a language: `texts`, `plurals`, `names`, `reasons`, each by English."""
    import json  # English needs none of it, at no cold start
    from importlib.resources import files

    found: dict[str, Any] = json.loads(files(__package__).joinpath(f"{code}.json").read_text())
    return found


def t(text: str, /, **values: object) -> str:
    """Return a text in the language, with values in the places of the names in braces."""
    if language() != ENGLISH:
        text = catalogue(language())["texts"].get(text, text)
    return text.format(**values) if values else text


def counted(one: str, other: str, n: int, /, **values: object) -> str:
    """Return the form of a text for a number of things, with values in its places."""
    if language() != ENGLISH:
        one, other = catalogue(language())["plurals"].get(other, (one, other))
    return (one if n == 1 else other).format(**values)


def name_of(english: str) -> str:
    """Return a name such as an event's kind, `ema cross`, in the language."""
    if language() == ENGLISH:
        return english
    return str(catalogue(language())["names"].get(english, english))
