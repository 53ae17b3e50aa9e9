"""Texts in another language: complete, with the same values, and never outside their context."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from signalengine.signals import Outcome
from signalengine.text.formatting import LABELS, NOTES
from signalengine.text.languages import (
    ENGLISH,
    LANGUAGES,
    catalogue,
    counted,
    in_language,
    known_language,
    language,
    name_of,
    t,
)
from signalengine.text.messages import closed_text, opened_text, outcome_mark
from signalengine.text.replies import ADMIN_COMMANDS, COMMANDS
from signalengine_aws.chat import engine, phrases, rules

from tests.paths import ROOT
from tests.telegram_samples import closed, signal

OTHERS = [code for code in LANGUAGES if code != ENGLISH]
SOURCES = [
    path
    for layer in ("core", "aws")
    for path in sorted((ROOT / "layers" / layer).rglob("*.py"))
    if re.search(r"languages import [^\n]*\b(t|counted)\b", path.read_text())
    or "    t,\n" in path.read_text()
]


def chat_texts() -> set[str]:
    """Return the texts that the chat looks up by a value."""
    return {
        *rules._SIGNALS.values(), *rules._SIDES.values(), *rules._HIGHEST.values(),
        engine.NO_MODEL, engine.MODEL_FAILED, engine.DISCLAIMER, *phrases.SUBJECTS,
    }  # fmt: skip


BY_NAME = {
    *(text for text in LABELS.values() if text),
    *(text for text in NOTES.values() if text),
    *(about for _, about in (*COMMANDS, *ADMIN_COMMANDS)),
    "LONG", "SHORT", "NO SIDE", "long", "short", "long and short", "on", "silent", "off",
    "Openings", "Closings", "TP HIT", "SL HIT", "EXPIRED", "LEFT", "open", "tp hit", "sl hit",
    "expired", "left", "OI", "VWAP", "no side", "recording", "simulated",
    *chat_texts(),
}  # fmt: skip
"""Texts that the code looks up by a value."""


def strings(node: ast.expr, constants: dict[str, ast.expr]) -> Iterator[str]:
    """Yield the texts that an argument may be."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name) if name in constants:
            yield from strings(constants[name], constants)
        case ast.IfExp(body=body, orelse=other):
            yield from strings(body, constants)
            yield from strings(other, constants)


def constants_of(module: ast.Module) -> dict[str, ast.expr]:
    """Return the values that names of a module are given."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(module):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[name] = value
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                pairs = zip(names, values, strict=True)
                found |= {one.id: value for one, value in pairs if isinstance(one, ast.Name)}
    return found


def calls(name: str) -> Iterator[tuple[Path, list[str]]]:
    """Yield the texts of each call of `t` or `counted`, one list an argument."""
    for path in SOURCES:
        module = ast.parse(path.read_text())
        constants = constants_of(module) | constants_of(
            ast.parse((ROOT / "layers/core/python/signalengine/text/position_sizes.py").read_text())
        )
        for node in ast.walk(module):
            match node:
                case ast.Call(func=ast.Name(id=called), args=[*args]) if called == name:
                    kept = args[:1] if name == "t" else args[1:2]
                    yield path, [text for arg in kept for text in strings(arg, constants)]


def values_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_is_missing_or_superfluous(code: str) -> None:
    used = {text for _, texts in calls("t") for text in texts} | BY_NAME
    several = {text for _, texts in calls("counted") for text in texts}
    assert set(catalogue(code)["texts"]) == used
    assert set(catalogue(code)["plurals"]) == several


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_values_of_its_source(code: str) -> None:
    found = catalogue(code)
    pairs = [*found["texts"].items(), *found["reasons"].items()]
    pairs += [(english, one) for english, both in found["plurals"].items() for one in both]
    wrong = [english for english, other in pairs if values_of(english) != values_of(other)]
    assert wrong == []


def test_the_scan_finds_texts() -> None:
    assert len(list(calls("t"))) > 150
    assert len(list(calls("counted"))) == 6


def test_english_is_the_language_unless_another_is_opened() -> None:
    assert language() == ENGLISH
    with in_language("es"):
        assert (language(), t("Done")) == ("es", "Hecho")
        with in_language("xx"):  # no texts of it
            assert t("Done") == "Done"
        assert counted("{n} closed signal", "{n} closed signals", 1, n=1) == "1 señal cerrada"
        assert counted("{n} closed signal", "{n} closed signals", 2, n=2) == "2 señales cerradas"
        assert name_of("ema cross") == "cruce de EMA"
    assert (language(), t("Done"), name_of("ema cross")) == (ENGLISH, "Done", "ema cross")


@pytest.mark.parametrize(
    ("tag", "code"), [("es-MX", "es"), ("ES", "es"), ("en_GB", "en"), ("de", None), ("", None)]
)
def test_a_tag_names_its_language(tag: str, code: str | None) -> None:
    assert known_language(tag) == code


def test_a_spanish_signal_has_spanish_words_and_levels_to_copy() -> None:
    with in_language("es"):
        text, end = opened_text(signal()), closed_text(closed())
        outcome = outcome_mark(Outcome.TP_HIT)[1]
    assert "LARGO BTCUSDT" in text
    assert "Puntuación" in text
    assert "\u00a0%" in text
    assert outcome in end
    levels = re.findall(r"<code>([\d.,]+)</code>", text)
    assert levels
    assert not any("," in level for level in levels)
    english = re.compile(r"\b(Score|Entry|Expires|close|Return|Gross|Exit|worst|policy)\b")
    assert english.findall(text + end) == []
