"""Stored reasons in another language, as the dashboard gives them too."""

import re

import pytest
from signalengine.text.languages import catalogue, in_language
from signalengine.text.reasons import reason

from tests.paths import ROOT

WEB = ROOT / "web" / "src" / "text"


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("long scores 55.5%, 65% needed", "largo puntúa 55,5\u00a0% y hace falta 65\u00a0%"),
        ("cooling down for another 1 h 5 min", "en enfriamiento 1 h 5 min más"),
        ("the bar came 1.2 s late", "la vela llegó 1,2 s tarde"),
        (
            "3 stop-losses within 2 h: paused for another 5 min; open signals: 4, allowed: 4",
            "3 stops en 2 h: en pausa 5 min más; señales abiertas: 4, permitidas: 4",
        ),
        ("XXX is not followed; followed are: A, B.", "XXX no se sigue; se siguen: A, B."),
        ("an operator's own words", "an operator's own words"),
    ],
)
def test_a_reason_is_found_by_its_form(english: str, spanish: str) -> None:
    assert reason(english) == english
    with in_language("es"):
        assert reason(english) == spanish


def test_the_dashboard_gives_the_same_reasons() -> None:
    def texts(language: str) -> dict[str, str]:
        source = (WEB / language / "reasons.ts").read_text()
        found = re.findall(r'^\s+(\w+):\s+"((?:[^"\\]|\\.)*)",$', source, re.MULTILINE)
        return {name: text.replace('\\"', '"') for name, text in found}

    english, spanish = texts("en"), texts("es")
    pairs = {english[name]: spanish[name] for name in english if name != "another"}
    assert len(pairs) > 30
    assert pairs.items() <= catalogue("es")["reasons"].items()
