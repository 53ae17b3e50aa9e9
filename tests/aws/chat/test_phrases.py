"""Phrases of questions: every text is read, in time, and each restriction in its own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine_aws.chat.phrases import (
    asks_action,
    asks_followed,
    subject_without_data,
    unread_restrictions,
)

from tests.examples import examples

WORDS = st.sampled_from(
    ["please", "stop", "alerts", "turn", "off", "how", "do", "i", "price", "of", "the", "why", "no",
     "at", "3pm", "2024", "2025-05-19", "above", "70", "may", "signals", "monday", "follow", "x"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=40).map(" ".join))
@examples(60)
def test_restrictions_are_words_of_the_text(text: str) -> None:
    assert all(one in text for one in unread_restrictions(text))
    assert isinstance(asks_action(text), bool)
    assert isinstance(asks_followed(text), bool)
    assert subject_without_data(text, has_symbol=True) != ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("signals since 9am", ("since 9am",)),
        ("what happened on monday at 14:00", ("on monday", "at 14:00")),
        ("results of 3 june 2025", ("of 3 june 2025",)),
        ("results until march", ("until march",)),
        ("results between 3 and 5 june", ("between 3 and 5 june",)),
        ("results since last monday", ("since last monday",)),
        ("you may march on", ()),
        ("btc 4h score of the last 7 days", ()),
    ],
)
def test_dates_and_times_of_day_are_found(text: str, words: tuple[str, ...]) -> None:
    assert unread_restrictions(text) == words


@pytest.mark.parametrize(
    "text",
    ["stop of the btc signal", "stop price of btc alerts", "sell signals", "trend turned up",
     "which coins have the best track record", "what coins to watch"],
)  # fmt: skip
def test_questions_are_not_actions(text: str) -> None:
    assert not asks_action(text)
    assert not asks_followed(text)
