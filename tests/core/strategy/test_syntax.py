"""The allow-list: each thing that a strategy may not contain is found, with its line."""

import ast

import pytest
from signalengine.strategy.syntax import ARGUMENTS, Finding, findings

from .texts import CHANNEL, with_line, with_top


def found_in(text: str) -> list[Finding]:
    return findings(ast.parse(text))


def test_a_strategy_of_plain_numbers_has_no_findings() -> None:
    assert found_in(CHANNEL) == []


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("x = bar[CLOSE + 7]", "looks beyond this bar"),
        ("x = bar[11]", "looks beyond this bar"),
        ("k = 11\n    x = bar[k]", "looks beyond this bar"),
        ("x = s[-1]", "a negative place"),
        ("x = s[1:3]", "a slice"),
        ("P[0] = 1.0", "writes to P, which is hidden state"),
        ("bar[0] = 1.0", "writes to bar, which is hidden state"),
        ("p[0] += 1.0", "writes to p, which is hidden state"),
        ("global SEEN", "global is hidden state"),
        ("x = s[0] ** 2", "a power"),
        ("s[0] **= 2", "a power"),
        ("x = max(s[0], s[1])", "a call of max"),
        ("x = print(1)", "a call of print"),
        ("x = open(1)", "a call of open"),
        ("x = s.append(1.0)", "a call of s.append"),
        ("x = s.count", "an attribute"),
        ("x = [1.0]", "a list"),
        ("x = {1.0: 2.0}", "a dictionary"),
        ("x = lambda: 1.0", "a lambda"),
        ("x = 'text'", "is no number"),
        ("x = unknown", "unknown is not known"),
        ("import time", "an import of a whole module"),
        ("from time import time", "importfrom"),
        ("while True:\n        pass", "a while loop"),
        ("for x in s:\n        pass", "a loop over something"),
        ("for k in range(int(s[0] * 1e12)):\n        pass", "a loop as long as data says"),
        ("n = int(bar[CLOSE])\n    m = n\n    for k in range(m):\n        pass", "as data says"),
        ("try:\n        pass\n    finally:\n        pass", "a try block"),
        ("with s:\n        pass", "a with block"),
        ("raise s", "a raise"),
        ("assert s[0] > 0", "an assertion"),
        ("s[0]", "an expression without effect"),
        ("x = s[0] is p", "the operator is"),
        ("x = 1 in s", "the operator in"),
        ("x = s[0] @ s[1]", "the operator matmult"),
        ("x = 1 << 2", "the operator lshift"),
        ("x = float(x=1)", "with a named argument"),
        ("x = Parameters()", "a call of Parameters"),
        ("def inner():\n        pass", "a function inside a function"),
        ("x = (y := 1.0)", "namedexpr"),
        ("yield s", "yield"),
    ],
)
def test_a_function_computes_with_plain_numbers_only(line: str, part: str) -> None:
    begun = CHANNEL[: CHANNEL.index("def fold_1h")].count("\n") + 1

    found = found_in(with_line(line))

    assert any(part in one.text for one in found), found
    assert all(begun < one.line <= begun + 2 + line.count("\n") for one in found), found
    assert all(one.fix for one in found)


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("from time import time", "an import from time"),
        ("import os", "an import of a whole module"),
        ("from .other import x", "an import from .other"),
        ("from signalengine.fold import advance", "an import from signalengine.fold"),
        ("from signalengine.strategyx import y", "an import from signalengine.strategyx"),
        ("from math import exp", "an import of math.exp"),
        ("from signalengine.snapshot import *", "an import of *"),
        ("from signalengine.snapshot import _CONTEXT", "an import of _CONTEXT"),
        ("HIDDEN = [0.0]", "a list at the top level"),
        ("A[0] = 1", "an assignment to no plain name"),
        ("A = print(1)", "a call of print"),
        ("A = P.__init__()", "a call of P.__init__"),
        ("A = (lambda: 1)()", "a lambda"),
        ("print(1)", "an expression at the top level"),
        ("class A:\n    pass", "a class at the top level"),
        ("for A in (1, 2):\n    pass", "for at the top level"),
        ("if P:\n    pass", "if at the top level"),
        ("@P\ndef f(s):\n    return s", "a decorator"),
        ("def f(s, x=1.0):\n    return s", "a default"),
        ("def f(*s):\n    return 1.0", "a star"),
        ("async def f(s):\n    return 1.0", "an async function"),
    ],
)
def test_the_top_level_declares_only(line: str, part: str) -> None:
    assert any(part in str(one) for one in found_in(with_top(line))), found_in(with_top(line))


@pytest.mark.parametrize("name", ARGUMENTS)
def test_the_engines_functions_have_the_engines_arguments(name: str) -> None:
    wrong = ast.parse(f"def {name}(a, b):\n    return 1.0")
    right = ast.parse(f"def {name}({', '.join(ARGUMENTS[name])}):\n    return 1.0")

    assert [one.fix for one in findings(wrong)] == [
        f"the engine calls {name}({', '.join(ARGUMENTS[name])})"
    ]
    assert findings(right) == []


def test_a_finding_says_where_what_and_how_to_mend_it() -> None:
    (one,) = found_in("def leave(v, f, side, p):\n    return v[0] ** 2 > 1.0")

    assert str(one) == "line 2: a power; multiply: ** rounds differently when compiled"


def test_values_and_shared_features_are_read_only() -> None:
    found = found_in(with_line("v[0] = 1.0", inside="entry"))

    assert [one.text for one in found] == ["entry writes to v, which is hidden state"]
