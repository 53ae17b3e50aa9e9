"""What changes a strategy's digest, and what does not."""

import ast

import pytest
from signalengine.strategy.normal_form import normal_form, syntax_digest

from .texts import CHANNEL


def digest(text: str) -> str:
    return syntax_digest(ast.parse(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""A close above the highest close of the last bars, or below the lowest."""', ""),
        ('"""Take the channel of the bars before this one, then remember it."""', '"""Other."""'),
        ("top = nan", "top = nan  # a comment"),
        ("\n\n\ndef entry", "\n\n\n\n\ndef entry"),
        ('about="length of the channel"', 'about="something else"'),
        ("1e300", "1.0e300"),
        ("top = 0.0", "top = 0"),
        ("def entry(v, f, side, p):", "def entry(v, f, side: float, p) -> bool:"),
    ],
)
def test_words_and_layout_do_not_count(old: str, new: str) -> None:
    assert old in CHANNEL
    assert digest(CHANNEL.replace(old, new)) == digest(CHANNEL)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("v[PRICE] > v[TOP]", "v[PRICE] >= v[TOP]"),
        ("v[PRICE] > v[TOP]", "v[TOP] > v[PRICE]"),
        ('"bars", 3', '"bars", 4'),
        ("least=1", "least=2"),
        ("version=1", "version=2"),
        ("s[RING + seen % 20]", "s[RING + seen % 21]"),
        ("bottom = 1e300", "bottom = -1e300"),
    ],
)
def test_whatever_computes_counts(old: str, new: str) -> None:
    assert old in CHANNEL
    assert digest(CHANNEL.replace(old, new, 1)) != digest(CHANNEL)


def test_the_normal_form_is_the_same_in_every_python() -> None:
    """Positions, empty fields and the version's own additions are left out."""
    form = normal_form(ast.parse("def f(x):\n    '''Doc.'''\n    return x + 1"))

    assert form == [
        "Module",
        ["body", [[
            "FunctionDef",
            ["args", ["arguments", ["args", [["arg", ["arg", "x"]]]]]],
            ["body", [[
                "Return",
                ["value", ["BinOp",
                    ["left", ["Name", ["id", "x"]]],
                    ["op", ["Add"]],
                    ["right", ["Constant", ["value", "0x1.0000000000000p+0"]]],
                ]],
            ]]],
            ["name", "f"],
        ]]],
    ]  # fmt: skip


def test_a_digest_is_pinned() -> None:
    """It is part of the ids of signals: it may not change with the code that computes it."""
    assert digest("X = 1.5\n\ndef f(x):\n    return x if x > X else -x") == (
        "7f51d9222f47a1ade2f64193a88a1a261040dc046336ed2c7c455f750dfde0c6"
    )


def test_whole_numbers_that_floats_cannot_hold_differ() -> None:
    assert digest(f"X = {2**53 + 1}") != digest(f"X = {2**53}")
    assert digest("X = " + "9" * 400) != digest("X = " + "9" * 401)
