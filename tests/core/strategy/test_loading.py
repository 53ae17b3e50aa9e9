"""Loading a strategy: what is refused, and what a loaded strategy has."""

import sys
from collections.abc import Callable

import pytest
from signalengine.errors import StrategyError
from signalengine.strategy.loading import (
    RefusedStrategyError,
    load_shipped,
    load_text,
)

from .texts import CHANNEL, channel, with_line


def test_a_strategy_is_loaded_with_its_functions() -> None:
    one = channel()

    assert (one.name, one.intervals, one.strategy.every) == ("channel", ("1h",), "1h")
    assert one.code.entry([101.0, 100.0, 90.0], [], 1.0, (3.0,)) is True
    assert one.code.leave is None
    assert len(one.digest) == 64
    assert CHANNEL.splitlines()[one.lines["entry"] - 1].startswith("def entry")


def test_every_finding_is_named_when_it_is_loaded() -> None:
    with pytest.raises(
        RefusedStrategyError, match=r"mine.py, line 53: a call of max.*and 1 more"
    ) as refused:
        load_text(with_line("return v[0] ** 2 > max(1, 2)", inside="entry"), "mine.py")

    assert [one.text for one in refused.value.found] == ["a call of max", "a power"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: "def (", "is no Python"),
        (lambda text: "X = 1\n", "declares no strategy"),
        (lambda text: text.replace("def exits(", "def my_exits("), "lacks the function exits"),
        (lambda text: text.replace("def entry(", "def my_entry("), "lacks the function entry"),
        (lambda text: text.replace('{"1h": 21}', "{}"), "warm_up lacks '1h'"),
        (lambda text: text.replace('every="1h"', 'every="2h"'), "every = '2h'"),
        (
            lambda text: text + "\n\ndef score(v, f, side, p):\n    return 1.0\n\n\n" + _PARTS,
            "keep one",
        ),
        (lambda text: text + "\n\n" + _PARTS, "a function and a declaration"),
        (lambda text: text.replace("S = State(V)", "S = State(1 / 0)"), "line 14: ZeroDivision"),
    ],
)
def test_a_file_that_cannot_run_is_refused_in_words(
    change: Callable[[str], str], words: str
) -> None:
    with pytest.raises(StrategyError, match=words):
        load_text(change(CHANNEL), "mine.py")


_PARTS = "def components(v, f, side, p, out):\n    out[0] = 1.0\n"


def test_a_loaded_file_reaches_nothing_but_the_engine() -> None:
    """Also past the allow-list a function finds no name of Python but its four."""
    names = channel().code.entry.__globals__["__builtins__"]

    assert set(names) == {"abs", "float", "int", "range", "__import__"}


def test_imports_may_be_answered_by_other_modules() -> None:
    """Research loads the same text a second time with compiled modules behind its imports."""
    asked: list[str] = []

    def importer(name: str) -> object:
        asked.append(name)
        return sys.modules[name]

    load_text(CHANNEL, "channel.py", importer)  # type: ignore[arg-type]

    assert asked == ["signalengine.strategy.form"]


def test_an_unknown_strategy_is_refused_with_those_that_there_are() -> None:
    for name in ("unknown", "../policy", "__init__x"):
        with pytest.raises(StrategyError, match="there is no strategy"):
            load_shipped(name)
