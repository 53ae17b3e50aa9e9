"""What a strategy says where it enters: exits and scores that cannot be used are found."""

import pytest

from research.strategies.answer_laws import answers, enters

from .texts import GOOD, bars, line_of, seen, subject

SCORE = "\n\ndef score(v, f, side, p):\n    return {}\n"


def test_exits_and_scores_that_can_be_used_obey() -> None:
    for text in (GOOD, GOOD + SCORE.format("1.0")):
        one = subject(text)
        assert list(answers(one, bars(), seen(one))) == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("reach = v[PRICE]", "reach = nan * v[PRICE]", "the stop is not a price on its side"),
        ("side * reach)", "0.0)", "the stop is not a price on its side"),
        ("v[PRICE] + side * reach,", "v[PRICE] - side * reach,", "the first target is not a price"),
    ],
)
def test_exits_that_cannot_be_reached_are_found(before: str, after: str, words: str) -> None:
    text = GOOD.replace(before, after)
    one = subject(text)

    found = list(answers(one, bars(), seen(one)))

    assert {one.found.line for one in found} == {line_of("def exits", text)}
    assert {one.found.text.split(":")[0] for one in found} == {
        "exits of a long",
        "exits of a short",
    }
    assert all(words in one.found.text for one in found)


@pytest.mark.parametrize(("value", "words"), [("1.5", "is 1.5, not 0 to 1"), ("nan", "is unknown")])
def test_a_score_is_a_number_from_0_to_1(value: str, words: str) -> None:
    text = GOOD + SCORE.format(value)
    one = subject(text)

    found = list(answers(one, bars(), seen(one)))

    assert {each.found.line for each in found} == {line_of("def score", text)}
    assert all(words in each.found.text for each in found)


def test_a_score_may_be_unknown_where_its_data_may_lack() -> None:
    text = GOOD.replace('every="1h",', 'every="1h",\n    needs=("funding",),')
    one = subject(text + SCORE.format("nan"))

    assert list(answers(one, bars(), seen(one))) == []


def test_a_strategy_that_never_enters_is_a_warning() -> None:
    one = subject(
        GOOD.replace("return v[PRICE] > v[TOP]", "return v[PRICE] > 2.0 * v[TOP]").replace(
            "return v[PRICE] < v[BOTTOM]", "return v[PRICE] < 0.5 * v[BOTTOM]"
        )
    )

    (found,) = enters(one, [seen(one)])

    assert found.warning
    assert "no entry at 350 closes" in found.found.text
    assert list(enters(subject(), [seen(subject())])) == []
