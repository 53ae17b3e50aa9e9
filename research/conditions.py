"""Conditions evaluated whole: `a and b`, `a < b < c` without a jump after their first part.

Python leaves a condition at the first part that decides it. That pays in plain Python; compiled, it
is a jump that depends on prices, which no processor predicts, and a wrong guess costs as much as
ten comparisons. So numba gets the fold's conditions with `&` and `|` in place of `and` and `or`:
made of the same source, the same value for all inputs, as long as each part can be evaluated
whatever the parts before it said.
"""

import ast
from functools import reduce
from typing import Final

_ARITHMETIC: Final = (ast.Add, ast.Sub, ast.Mult)


def whole(tree: ast.Module) -> ast.Module:
    """Return a module's tree with its conditions evaluated whole, where that is safe."""
    changed = _Whole().visit(tree)
    assert isinstance(changed, ast.Module)  # noqa: S101 - a module stays one
    return ast.fix_missing_locations(changed)


class _Whole(ast.NodeTransformer):
    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        if not all(map(_is_condition, node.values)):
            return node
        both: ast.operator = ast.BitAnd() if isinstance(node.op, ast.And) else ast.BitOr()
        return reduce(lambda left, right: ast.BinOp(left, both, right), node.values)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        values = [node.left, *node.comparators]
        if len(values) == 2 or not all(map(_is_value, values)):
            return node
        pairs: list[ast.expr] = [
            ast.Compare(left, [op], [right])
            for left, op, right in zip(values, node.ops, values[1:], strict=False)
        ]
        return reduce(lambda left, right: ast.BinOp(left, ast.BitAnd(), right), pairs)


def _is_condition(node: ast.expr) -> bool:
    """Return whether it is a bool that can be evaluated at any time: nothing divided or called."""
    match node:
        case ast.Compare():
            return all(map(_is_value, (node.left, *node.comparators)))
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
            return _is_condition(node.left) and _is_condition(node.right)
        case ast.UnaryOp(op=ast.Not()):
            return _is_condition(node.operand)
        case ast.Name():  # of a bool: the core's numbers are compared, never tested themselves
            return True
    return False


def _is_value(node: ast.expr) -> bool:
    """Return whether it is made of names, numbers and places of a state."""
    match node:
        case ast.Name() | ast.Constant():
            return True
        case ast.UnaryOp(op=ast.USub()):
            return _is_value(node.operand)
        case ast.BinOp():
            return (
                isinstance(node.op, _ARITHMETIC) and _is_value(node.left) and _is_value(node.right)
            )
        case ast.Subscript():
            return _is_value(node.value) and _is_value(node.slice)
        case ast.Call(func=ast.Name(id="abs"), args=[of]):
            return _is_value(of)
    return False
