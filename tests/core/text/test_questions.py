"""Questions in Spanish as English words: symbols stay, dates become English, own words are kept."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.text.languages import catalogue, in_language
from signalengine.text.questions import in_english

from tests.examples import examples

WORDS = st.sampled_from(
    [*(re.sub(r"\W.*", "", row[0]) for row in catalogue("es")["questions"]), "BTC", "$sol", "3",
     "19 de mayo", "¿qué", "ETH/USDT", "señal"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=12).map(" ".join))
@examples(60)
def test_symbols_stay_and_own_words_are_of_the_question(text: str) -> None:
    with in_language("es"):
        found = in_english(text)
    for symbol in ("BTC", "$sol", "ETH/USDT"):
        assert found.text.split().count(symbol) == text.split().count(symbol)
    assert all(
        one and one in text.replace("ñ", "n").replace("é", "e") for one in found.own.values()
    )


def test_english_questions_are_not_changed() -> None:
    assert in_english("¿Qué?").text == "¿Qué?"


@pytest.mark.parametrize(
    ("question", "english"),
    [
        ("el 19 de mayo de 2025", "on 19 may 2025"),
        ("en mayo", "in may"),
        ("desde marzo del 2025", "since march 2025"),
        ("el lunes", "on monday"),
        ("el lunes pasado", "last monday"),
        ("desde el lunes pasado", "since last monday"),
        ("desde el 3 de junio", "since 3 june"),
        ("hasta el 3 de junio", "until 3 june"),
        ("antes del 3 de junio", "before 3 june"),
        ("después del 2025-06-03", "after 2025-06-03"),
        ("antes de junio", "before june"),
        ("entre el 3 y el 5 de junio", "between 3 and on 5 june"),
        ("en 2024", "in 2024"),
        ("el 2025-05-19", "on 2025-05-19"),
        ("las 3 últimas señales de LAUSDT", "last 3 signals LAUSDT"),
        ("¿Tasa de aciertos?", "win rate?"),
    ],
)
def test_words_and_dates_become_english(question: str, english: str) -> None:
    with in_language("es"):
        assert in_english(question).text == english


def test_an_answer_can_quote_the_persons_own_words() -> None:
    with in_language("es"):
        found = in_english("puntuación por encima de 70 en mayo")
    assert found.words("above 70") == "por encima de 70"
    assert found.words("in may") == "en mayo"
    assert found.words("BTC") == "BTC"
