"""The normal form of a strategy file: its syntax without comments, docstrings and `about` texts.

Two files with the same normal form decide the same. It is the same in every version of Python: it
has the fields of the syntax tree that are not empty, and no positions.
"""

import ast
import hashlib
import json
from typing import Any, Final

_IGNORED: Final = frozenset(
    {"ctx", "type_comment", "type_ignores", "kind", "returns", "annotation"}
)
_ABOUT: Final = "about"
_EXACT: Final = 2**53


def syntax_digest(tree: ast.Module) -> str:
    """Return the SHA-256 (hex) of a file's normal form."""
    text = json.dumps(normal_form(tree), separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def normal_form(node: ast.AST) -> list[Any]:
    """Return a syntax tree as nested lists: the node's kind, then its fields by name."""
    out: list[Any] = [type(node).__name__]
    for name in sorted(node._fields):
        value: Any = getattr(node, name, None)
        if name in _IGNORED or value is None or value == []:
            continue
        if name == "body" and isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
            value = _without_docstring(getattr(node, name))
        if name == "keywords":
            value = [one for one in getattr(node, name) if one.arg != _ABOUT]
        out.append([name, _value(value)])
    return out


def _value(value: Any) -> Any:
    if isinstance(value, ast.AST):
        return normal_form(value)
    if isinstance(value, list):
        return [_value(one) for one in value]
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, float) or (isinstance(value, int) and abs(value) <= _EXACT):
        return float(value).hex()  # 2 and 2.0 compute the same
    return repr(value)


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    documented = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return body[1:] if documented else body
