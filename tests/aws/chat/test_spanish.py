"""Fifty and more questions in Spanish, and what answers each without a language model."""

import re
from typing import Any

import pytest
from signalengine.text.languages import in_language
from signalengine_aws.chat.engine import Chat
from signalengine_aws.chat.rules import answer

from tests.aws.chat.test_rules import BTC, ETH, LATEST, SOL, Market, suggested_by_the_page
from tests.telegram_samples import signal

SCORES = [
    ("¿Qué está en tendencia?", ("top", 5), "1. BTCUSDT largo, puntuación 65,4\u00a0%"),
    ("Muéstrame los mejores futuros ahora", ("top", 5), "1. BTCUSDT largo"),
    ("¿qué monedas están calientes?", ("top", 5), "Puntuaciones más altas a las"),
    ("las 2 mejores", ("top", 2), "2. ETHUSDT corto"),
    ("resumen del mercado", ("top", 5), "Puntuaciones más altas"),
    ("mejores largos", ("top", 1_000), "Puntuaciones largas más altas"),
    ("¿los cortos más fuertes?", ("top", 1_000), "1. ETHUSDT corto"),
    ("¿cuál es la puntuación de ETH?", ("top", 1_000), "Puntuación de ETHUSDT"),
    ("¿qué tan alcista está SOL?", ("top", 1_000), "1. SOLUSDT largo"),
    ("precio de BTC", ("top", 1_000), "BTCUSDT largo"),
    ("¿cuánto vale ETH?", ("top", 1_000), "ETHUSDT corto"),
    ("ETH, ¿largo o corto?", ("top", 1_000), "ETHUSDT corto"),
]
SIGNALS = [
    ("últimas señales", ("signals", None, 5), "Últimas señales:"),
    ("¿hay señales nuevas?", ("signals", None, 5), "Últimas señales:"),
    ("muestra las últimas 3 señales", ("signals", None, 3), "Últimas señales:"),
    ("las 3 últimas señales", ("signals", None, 3), "Últimas señales:"),
    ("señales abiertas", ("signals", None, 5, "open"), "Señales abiertas:"),
    ("¿qué posiciones están en curso?", ("signals", None, 5, "open"), "Señales abiertas:"),
    ("señales cortas recientes", ("signals", None, 5, "short"), "Últimas señales cortas:"),
    ("señales de venta", ("signals", None, 5, "short"), "Últimas señales cortas:"),
    ("señales de compra, por favor", ("signals", None, 5, "long"), "Últimas señales largas:"),
    ("señales de BTCUSDT", ("signals", BTC, 5), "Últimas señales de BTCUSDT:"),
    ("entrada y stop de SOL", ("signals", SOL, 5), "Últimas señales de SOLUSDT:"),
    ("¿dónde está la toma de ganancias de ETH?", ("signals", ETH, 5), ", TP "),
    ("todas las señales cerradas", ("signals", None, 5, "closed"), "Últimas señales cerradas:"),
    ("señales de ayer", ("signals", None, 5, 1, 1), "Últimas señales, ayer (UTC):"),
    ("señales de ETH esta semana", ("signals", ETH, 5, 7, 0), "los últimos 7 días (UTC)"),
    ("señales del 18 de mayo", ("signals", None, 5, 1, 1), "2025-05-18 (UTC)"),
    ("cortos en abril", ("signals", None, 5, "short", 30, 19), "2025-04-01 – 2025-04-30 (UTC)"),
    ("señales del viernes pasado", ("signals", None, 5, 1, 3), "2025-05-16 (UTC)"),
    ("señales en 2023", ("signals", None, 5), "No aplicado: «en 2023»."),
    ("¿cuándo caduca la señal de SOL?", ("signals", SOL, 5, "open"), "abierta hasta 2025-"),
    ("¿ganó la última señal?", ("signals", None, 1), "Últimas señales:\nlargo BTCUSDT"),
    ("señales de BTC y ETH", ("signals", BTC, 5), "Esto es solo de BTCUSDT"),
    ("¿hay señales de DOGE?", ("signals", "DOGEUSDT", 5), "Aún no hay señales de DOGEUSDT."),
]
RESULTS = [
    ("tasa de aciertos", ("stats",), "4 señales cerradas: ganadas 1, perdidas 3"),
    ("¿Cómo les fue a las señales de hoy?", ("stats_of_days", 1, 0, None), "Hoy (UTC): 2 señales"),
    ("¿cómo vamos hoy?", ("stats_of_days", 1, 0, None), "Hoy (UTC): 2 señales"),
    ("¿qué tal fue ayer?", ("stats_of_days", 1, 1, None), "Ayer (UTC): 2 señales"),
    ("esta semana", ("stats_of_days", 7, 0, None), "Los últimos 7 días (UTC)"),
    ("ganancias de este mes", ("stats_of_days", 30, 0, None), "Los últimos 30 días (UTC)"),
    ("resultados de los últimos 3 días", ("stats_of_days", 3, 0, None), "Los últimos 3 días (UTC)"),
    ("rendimiento de las últimas 2 semanas", ("stats_of_days", 14, 0, None), "Los últimos 14 días"),
    ("resultados de las últimas 25 horas", ("stats_of_days", 3, 0, None), "días completos (UTC)."),
    ("resultados desde ayer", ("stats_of_days", 2, 0, None), "Los últimos 2 días (UTC)"),
    ("¿Cuánto ganó BTC el mes pasado?", ("stats_of_days", 30, 0, BTC), "BTCUSDT, los últimos 30"),
    ("resultados de los cortos", ("stats_of_days", 366, 0, None, "short"), "Cortos, los últimos"),
    ("resultados de mayo de 2025", ("stats_of_days", 19, 0, None), "2025-05-01 – 2025-05-19"),
    ("tasa de aciertos el 12 de mayo", ("stats_of_days", 1, 7, None), "2025-05-12 (UTC)"),
    ("tasa de aciertos de BTC", ("performance_stats",), "BTCUSDT: 3 señales cerradas: ganadas 2"),
    ("tasa de aciertos de BTC esta semana", ("stats_of_days", 7, 0, BTC), "BTCUSDT, los últimos 7"),
    ("¿cómo le fue a ETH hoy?", ("stats_of_days", 1, 0, ETH), "ETHUSDT, hoy (UTC): 2 señales"),
    ("¿son rentables las señales?", ("stats",), "neto de media"),
    ("historial", ("stats",), "4 señales cerradas"),
    ("la mejor y la peor operación", ("stats",), "Menos de 30 señales no prueban nada."),
    ("¿cuántas señales tocaron el stop?", ("stats",), "perdidas 3"),
    ("aciertos con puntuación por encima de 70", ("stats",), "No aplicado: «por encima de 70»."),
]
REASONS = [
    ("¿Por qué se abrió la última señal?", LATEST, "tendencia 81"),
    ("explica la última", LATEST, "Motivo: score 0.654"),
    ("¿qué provocó la última señal?", LATEST, "Eventos: pico de volumen 1m."),
    ("¿por qué?", LATEST, "Componentes: "),
    ("¿por qué BTCUSDT?", ("signals", BTC, 1), "Componentes: "),
    ("motivo de la entrada de SOL", ("signals", SOL, 1), "Componentes: "),
    ("¿por qué se cerró la señal de ayer?", ("signals", None, 1, 1, 1), "Componentes: "),
    (f"explica {signal().signal_id}", ("signal", signal().signal_id), "Motivo: "),
]
ADVICE = [
    (
        "¿debería comprar SOL con apalancamiento de 10x?",
        ("top", 1_000),
        "Lo que se sabe de SOLUSDT",
    ),
    ("¿subirá ETH mañana?", ("top", 1_000), "ETHUSDT corto"),
    ("¿qué debería comprar?", ("top", 3), "Lo que se sabe: Puntuaciones más altas"),
    ("¿qué apalancamiento recomiendas?", ("top", 3), "Puntuaciones más altas"),
    ("¿es buen momento para vender BTC?", ("signals", BTC, 1), "Últimas señales de BTCUSDT"),
    ("predicción del precio de DOGE", ("top", 1_000), "DOGEUSDT aún no tiene puntuación"),
]
UNANSWERED = [
    ("compra 1 BTC", "Solo leo"),
    ("pon mi stop en 60000", "Solo leo"),
    ("suscríbeme a ETH", "Solo leo"),
    ("por favor, silencia este chat", "Solo leo"),
    ("cancela todas las señales", "Solo leo"),
    ("deja de enviar señales de BTC", "Solo leo"),
    ("¿cómo se calcula la puntuación?", "No tengo respuesta sobre cómo funciona el motor."),
    ("¿por qué hay tan pocas señales?", "No tengo respuesta sobre por qué algo no ocurrió"),
    ("noticias de BTC", "No tengo respuesta sobre noticias."),
    ("mi saldo", "No tengo respuesta sobre saldo."),
    ("hola", "No he entendido esta pregunta."),
    ("el sentido de la vida", "No he entendido esta pregunta."),
]
ALL = [*SCORES, *SIGNALS, *RESULTS, *REASONS, *ADVICE]
_ENGLISH = re.compile(
    r"\b(long|short|score|entry|closed|open|the|of|signals?|newest|today|trend|hit|expired|won)\b"
)


@pytest.mark.parametrize(("question", "read", "words"), ALL)
def test_a_question_is_answered_in_spanish(
    question: str, read: tuple[Any, ...], words: str
) -> None:
    reads = Market()
    with in_language("es"):
        found = answer(reads, question)
    assert read in reads.asked, reads.asked
    assert words in found.text
    assert ((question, read, words) in ADVICE) == found.text.startswith("No doy consejos")
    assert not _ENGLISH.findall(found.text.replace("Motivo: score 0.654 ≥ 0.50", ""))


@pytest.mark.parametrize(("question", "words"), UNANSWERED)
def test_what_is_not_answered_is_said_in_spanish(question: str, words: str) -> None:
    reads = Market()
    with in_language("es"):
        found = answer(reads, question)
    assert found.text.startswith(words)
    assert "últimas señales" in found.text
    assert reads.asked == []


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("¿qué símbolos sigues?", "Símbolos seguidos (4): BTCUSDT, DOGEUSDT"),
        ("¿cuántas monedas sigues?", "Símbolos seguidos (4): BTCUSDT"),
        ("¿sigues BTC?", "BTCUSDT se sigue."),
        ("señales de FOOUSDT", "FOOUSDT no se sigue"),
    ],
)
def test_symbols_are_named_in_spanish(question: str, words: str) -> None:
    with in_language("es"):
        assert words in answer(Market(), question).text


def test_what_the_help_suggests_is_answered() -> None:
    with in_language("es"):
        suggested = re.findall("«(.+?)»", answer(Market(), "hola").text)
        texts = [answer(Market(), one) for one in suggested]
    assert len(suggested) == 10
    assert all(one.used for one in texts)


def test_what_the_page_suggests_is_answered() -> None:
    with in_language("es"):
        used = [answer(Market(), one).used for one in suggested_by_the_page("es")]
    assert used == [("top",), ("top",), ("stats",), ("explain",)]


def test_english_is_still_understood() -> None:
    with in_language("es"):
        assert answer(Market(), "win rate of BTC this week").text.startswith("BTCUSDT, los últimos")


def test_what_is_around_an_answer_is_spanish() -> None:
    with in_language("es"):
        found = Chat(reads=Market()).answer("tasa de aciertos")
    assert found["answer"].endswith("no hay ningún modelo de lenguaje configurado.")
    assert found["disclaimer"].startswith("Calculado sobre velas cerradas")
