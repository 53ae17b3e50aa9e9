"""Answers of a public API that callers share."""

import pytest
from signalengine_aws.api.responses import SHARED_S
from signalengine_aws.api.shared_answers import MOST, SharedAnswers


def test_an_answer_is_made_once_in_some_seconds_for_all_who_ask_the_same() -> None:
    now, made = 0, list[str]()

    def ask(what: str) -> int:
        return answers.get(what, lambda: made.append(what) or len(made))  # type: ignore[func-returns-value]

    answers = SharedAnswers[int](lambda: now)
    assert [ask("a"), ask("a"), ask("b"), ask("a")] == [1, 1, 2, 1]
    now = SHARED_S * 1000 - 1
    assert ask("a") == 1
    now += 1
    assert [ask("a"), ask("a")] == [3, 3]


def test_an_error_is_not_shared() -> None:
    answers = SharedAnswers[float](lambda: 0)
    with pytest.raises(ZeroDivisionError):
        answers.get("a", lambda: 1 / 0)
    assert answers.get("a", lambda: 1.0) == 1.0


def test_whoever_asks_for_ever_new_things_fills_no_memory() -> None:
    answers = SharedAnswers[int](lambda: 0)
    for n in range(3 * MOST):
        assert answers.get(n, lambda n=n: n) == n  # type: ignore[misc]
    assert len(answers._made) == MOST
