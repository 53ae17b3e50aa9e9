"""The top level of a strategy file: which expressions a constant may be."""

import pytest
from signalengine.errors import StrategyError
from signalengine.strategy.loading import RefusedStrategyError, load_text

from .texts import CHANNEL, with_top


@pytest.mark.parametrize(
    "line",
    [
        "A = 1 + 2 * 3 if 2 > 1 else -1.5",
        "A, B = (1, 2)",
        "A: int = 4",
        'A = {"1h": 21, "1d": (1, 2)}',
        "A = (1, 2)\nB = A[0] + float(A[1])",
        'A = P.number("x", 1, least=0, most=2)',
        "A = abs(-1)",
    ],
)
def test_numbers_texts_and_declarations_are_constants(line: str) -> None:
    assert load_text(with_top(line), "channel.py").name == "channel"


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("A = P.whole.__globals__", "an attribute in a constant"),
        ('A = P.whole.__globals__["x"]', "an attribute in a constant"),
        ("A = P.declared", "an attribute in a constant"),
        ("A = P.declared.append(1)", "a call of P.declared.append"),
        ("A = __import__", "__import__ is not known here"),
        ("A = __builtins__", "__builtins__ is not known here"),
        ("A = [1]", "a list at the top level"),
        ("A = (1, {2})", "a list at the top level"),
        ("A = (x for x in (1, 2))", "a generator in a constant"),
        ('A = f"{P}"', "a text with values"),
        ("A = (B := 1)", "an assignment in a constant"),
        ("A = (*(1, 2),)", "a star in a constant"),
        ('A = P.whole(**{"name": "x"})', "a call with **"),
        ("A = P()", "a call of P in a constant"),
        ("A.b = 1", "an assignment to no plain name"),
    ],
)
def test_nothing_else_is(line: str, part: str) -> None:
    with pytest.raises(RefusedStrategyError) as refused:
        load_text(with_top(line), "channel.py")

    assert any(part in one.text for one in refused.value.found), refused.value.found
    assert refused.value.found[0].line == 8


def test_an_annotation_is_never_evaluated() -> None:
    text = with_top('A: __import__("os").getcwd() = 1').replace(
        "def entry(v, f, side, p):", "def entry(v: A(), f: P.whole(1), side, p) -> unknown:"
    )

    assert load_text(text, "channel.py").digest == load_text(with_top("A: int = 1"), "x.py").digest


@pytest.mark.parametrize(
    "line",
    [
        "from signalengine.params import NUMBERS",
        "from signalengine.params import dataclass",
        "from signalengine.strategy.form import Mapping",
        "from signalengine.strategy.form import Value",
        "from signalengine.strategy.form import ENGINE_SLOTS",
    ],
)
def test_no_object_of_the_engine_that_others_share_is_imported(line: str) -> None:
    with pytest.raises(StrategyError, match=r"channel.py, line 8: ImportError"):
        load_text(with_top(line), "channel.py")


def test_the_normal_form_is_of_the_file_as_it_is_written() -> None:
    """The digest is taken before annotations are removed, and without them."""
    assert load_text(CHANNEL, "a.py").digest == load_text(f"{CHANNEL}\n# a comment", "b.py").digest
