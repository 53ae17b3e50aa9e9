"""Lines of a strategy's file, for what is found in its values and places."""

import ast
from dataclasses import dataclass

from signalengine.strategy.form import Strategy


@dataclass(frozen=True, slots=True)
class Lines:
    """Where a file computes what; 0 is no line."""

    functions: dict[str, int]
    values: dict[str, int]
    """Line that writes a value, else the one that declares it."""

    def function(self, *names: str) -> int:
        """Return the first line of the first of these functions that there is."""
        return next((self.functions[name] for name in names if name in self.functions), 0)

    def fold(self) -> int:
        """Return the first line of the first fold."""
        return next((self.functions[name] for name in self.functions if name[:5] == "fold_"), 0)

    def value(self, name: str) -> int:
        return self.values.get(name, 0)


def lines_of(text: str, strategy: Strategy) -> Lines:
    """Return the lines of a file's functions and values."""
    tree = ast.parse(text)
    functions = {node.name: node.lineno for node in tree.body if isinstance(node, ast.FunctionDef)}
    declared, written = _declared(tree), _written(tree)
    values = {}
    for one in strategy.values.declared:
        constant, line = declared.get(one.name, ("", 0))
        values[one.name] = written.get(constant, line)
    return Lines(functions, values)


def _declared(tree: ast.Module) -> dict[str, tuple[str, int]]:
    """Return constant and line by the name that a declaration gives as its first argument."""
    found: dict[str, tuple[str, int]] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and node.value.args:
            first, target = node.value.args[0], node.targets[0]
            if isinstance(first, ast.Constant) and isinstance(target, ast.Name):
                found[str(first.value)] = (target.id, node.lineno)
    return found


def _written(tree: ast.Module) -> dict[str, int]:
    """Return the last line that writes to `s[NAME]`."""
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            found[ast.unparse(node.slice)] = node.lineno
    return found
