"""The tests that a page names, and those that exist."""

import ast
import re

from .source import ROOT, tree

NAMED = re.compile(r"`(tests/\S+\.py)`|`(test_\w+)`")


def named_tests(text: str) -> list[tuple[str, str]]:
    """Return the tests that a text names, each with the file named last before it."""
    found, file = [], ""
    for match in NAMED.finditer(text):
        file = match[1] or file
        if match[2]:
            found.append((file, match[2]))
    return found


def functions_of(file: str) -> set[str]:
    """Return the names of a file's functions."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree(ROOT / file)) if isinstance(node, kinds)}


def missing_tests(text: str) -> list[tuple[str, str]]:
    """Return the tests that a text names and that do not exist."""
    return [(file, name) for file, name in named_tests(text) if name not in functions_of(file)]
