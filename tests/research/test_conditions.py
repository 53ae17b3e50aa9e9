"""Conditions evaluated whole have the values of those that stop at their first false part."""

import ast
from collections.abc import Mapping
from itertools import product

import pytest

from research.compiled import FOLDER
from research.conditions import whole

CONDITIONS = (
    "a < b and b < c", "a < b or c < b", "a < b < c", "a <= b < c <= d", "a < b >= c and d > a",
    "not (a < b and b < c) or d == a", "a - 2.0 * b < -c and r[a + 1] > d",
    "abs(a - b) > c and a < d",
)  # fmt: skip
GUARDS = (
    "a > 0 and 1 // a > b", "a < b and f(c)", "a < f(b) < c", "a > 0 and (b < c if d else c < b)",
    "a < 1 and r[a // 1] > 0", "a and b < c + f(d)",
)  # fmt: skip


def jumps(tree: ast.AST) -> list[str]:
    """The conditions that are left at their first part that decides them."""
    return [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.BoolOp) or (isinstance(node, ast.Compare) and len(node.ops) > 1)
    ]


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition_keeps_its_value(text: str) -> None:
    plain, changed = ast.parse(f"found = {text}"), whole(ast.parse(f"found = {text}"))
    assert jumps(changed) == []
    for a, b, c, d in product((0, 1, 2), repeat=4):
        names = {"a": a, "b": b, "c": c, "d": d, "r": [3, 0, 2, 1]}
        assert found(changed, names) is found(plain, names)


def found(tree: ast.Module, names: Mapping[str, object]) -> object:
    known = dict(names)
    exec(compile(tree, "", "exec"), known)  # noqa: S102 - of the texts above
    return known["found"]


@pytest.mark.parametrize("text", GUARDS)
def test_what_a_part_guards_is_left_to_its_guard(text: str) -> None:
    assert ast.unparse(whole(ast.parse(text))) == ast.unparse(ast.parse(text))


@pytest.mark.parametrize("name", ["indicators", "events"])
def test_no_condition_of_the_fold_is_left_early(name: str) -> None:
    source = ast.parse((FOLDER / f"{name}.py").read_bytes())
    assert len(jumps(source)) > 5
    assert jumps(whole(source)) == []
