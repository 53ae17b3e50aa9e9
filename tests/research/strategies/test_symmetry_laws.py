"""Mirror and scale: a rule that prefers a side, or a price, is found."""

from research.strategies.markets import REFLECTED
from research.strategies.symmetry_laws import mirror, scale

from .texts import GOOD, bars, line_of, seen, subject

SCORE = "\n\ndef score(v, f, side, p):\n    return {}\n"


def test_a_rule_of_distances_obeys() -> None:
    one = subject()

    assert list(mirror(one, bars(REFLECTED), seen(one, bars(REFLECTED)))) == []
    assert list(scale(one, bars(), seen(one))) == []


def test_a_rule_that_prefers_a_side_is_found() -> None:
    text = GOOD.replace("return v[PRICE] < v[BOTTOM]", "return v[PRICE] <= v[TOP] - 0.01")
    one = subject(text)

    (found,) = mirror(one, bars(REFLECTED), seen(one, bars(REFLECTED)))

    assert "upside down" in found.found.text
    assert "entry" in found.found.text
    assert found.found.line == line_of("def entry", text)
    assert "mirror=False" in found.found.fix


def test_a_score_and_exits_that_prefer_a_side_are_found() -> None:
    for text, words, name in (
        (GOOD + SCORE.format("0.5 + 0.25 * side"), "score at bar", "score"),
        (GOOD.replace("reach = v[PRICE] * p[REACH]", "reach = v[PRICE] * p[REACH] * (3.0 + side)"),
         "exits at bar", "exits"),
    ):  # fmt: skip
        one = subject(text)
        (found,) = mirror(one, bars(REFLECTED), seen(one, bars(REFLECTED)))
        assert words in found.found.text
        assert found.found.line == line_of(f"def {name}", text)


def test_a_rule_on_an_absolute_price_is_found() -> None:
    for text, words, name in (
        (
            GOOD.replace("v[PRICE] > v[TOP]", "v[PRICE] > v[TOP] and v[PRICE] > 90.0"),
            "entry",
            "entry",
        ),
        (GOOD.replace("reach = v[PRICE] * p[REACH]", "reach = 1.5"), "exits", "exits"),
        (GOOD + SCORE.format("0.5 if v[PRICE] > 90.0 else 0.25"), "score", "score"),
    ):
        one = subject(text)
        (found,) = scale(one, bars(), seen(one))
        assert f"{words} at bar" in found.found.text
        assert "with prices times" in found.found.text
        assert found.found.line == line_of(f"def {name}", text)
        assert "scale=False" in found.found.fix


def test_a_condition_to_leave_is_of_both_sides_too() -> None:
    leave = "\n\ndef leave(v, f, side, p):\n    return {}\n"
    for law, text in (("mirror", "side > 0.0"), ("scale", "v[PRICE] > 90.0")):
        one = subject(GOOD + leave.format(text))
        where = bars(REFLECTED) if law == "mirror" else bars()
        (found,) = (mirror if law == "mirror" else scale)(one, where, seen(one, where))
        assert "leave at bar" in found.found.text
