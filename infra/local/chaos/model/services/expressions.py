"""DynamoDB's expressions: conditions, filters, key conditions, updates and projections.

Only what the adapters use: names of whole attributes, no paths into maps and lists. Anything else
raises, so that a new use is noticed. An expression is parsed once and evaluated as functions.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final, TypeAlias

Value: TypeAlias = Mapping[str, Any]
"""A value as DynamoDB writes it: {"S": "text"}."""
Item: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Scope:
    """An item, and what the placeholders of a request stand for."""

    item: Item
    names: Mapping[str, str]
    values: Mapping[str, Value]


Operand: TypeAlias = Callable[[Scope], Any]
"""Returns a comparable form, `(type, value)`; None for an attribute that is absent."""
Test: TypeAlias = Callable[[Scope], bool]

_TOKEN: Final = re.compile(r"\s*([#:]?\w+|<>|<=|>=|[=<>(),+-])")
_COMPARED: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})
_ORDERED: Final = frozenset({"S", "N", "B"})
_SETS: Final = frozenset({"SS", "NS", "BS"})


class ExpressionError(ValueError):
    """An expression of a kind that is not implemented here, or is not one."""


def comparable(value: Value) -> tuple[str, Any]:
    """Return the type and a form that compares as DynamoDB compares."""
    ((kind, raw),) = value.items()
    if kind == "N":
        return kind, Decimal(raw)
    if kind == "S":
        return kind, raw.encode()
    if kind == "NS":
        return kind, frozenset(Decimal(one) for one in raw)
    if kind == "SS":
        return kind, frozenset(one.encode() for one in raw)
    return kind, frozenset(raw) if kind == "BS" else raw


def holds(
    expression: str | None, item: Item, names: Mapping[str, str], values: Mapping[str, Value]
) -> bool:
    """Return whether a condition holds of an item; no condition always does."""
    return expression is None or condition(expression)(Scope(item, names, values))


@cache
def condition(expression: str) -> Test:
    """Return the test that a condition, filter or key condition expresses."""
    tokens = _Tokens(expression)
    test = _either(tokens)
    tokens.expect_end()
    return test


@cache
def projection(expression: str) -> tuple[str, ...]:
    """Return the names or placeholders of a projection."""
    return tuple(name.strip() for name in expression.split(","))


class _Tokens:
    """The tokens of an expression, read from left to right."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._left = list(_split(expression))[::-1]

    @property
    def next(self) -> str:
        return self._left[-1] if self._left else ""

    def take(self, expected: str | None = None) -> str:
        token = self._left.pop() if self._left else ""
        if not token or (expected is not None and token.upper() != expected):
            raise ExpressionError(f"{self._expression!r}: {token!r}, expected {expected}")
        return token

    def taken(self, word: str) -> bool:
        """Take the next token if it is this one."""
        if self.next.upper() != word:
            return False
        self._left.pop()
        return True

    def expect_end(self) -> None:
        if self._left:
            raise ExpressionError(f"{self._expression!r}: {self.next!r} is too much")


def _split(expression: str) -> Iterator[str]:
    at = 0
    while expression[at:].strip():
        match = _TOKEN.match(expression, at)
        if match is None:
            raise ExpressionError(f"{expression!r}: not implemented at {at}")
        yield match[1]
        at = match.end()


# --- conditions ----------------------------------------------------------------------------------


def _either(tokens: _Tokens) -> Test:
    tests = [_both(tokens)]
    while tokens.taken("OR"):
        tests.append(_both(tokens))
    return tests[0] if len(tests) == 1 else lambda scope: any(test(scope) for test in tests)


def _both(tokens: _Tokens) -> Test:
    tests = [_single(tokens)]
    while tokens.taken("AND"):
        tests.append(_single(tokens))
    return tests[0] if len(tests) == 1 else lambda scope: all(test(scope) for test in tests)


def _single(tokens: _Tokens) -> Test:
    if tokens.taken("NOT"):
        test = _single(tokens)
        return lambda scope: not test(scope)
    if tokens.taken("("):
        test = _either(tokens)
        tokens.take(")")
        return test
    if tokens.next.lower() in _FUNCTIONS:
        return _called(tokens)
    left = _operand(tokens)
    if tokens.taken("BETWEEN"):
        low = _operand(tokens)
        tokens.take("AND")
        high = _operand(tokens)
        return lambda scope: (
            _compare("<=", low(scope), left(scope)) and _compare("<=", left(scope), high(scope))
        )
    sign = tokens.take()
    if sign not in _COMPARED:
        raise ExpressionError(f"{sign!r} is not implemented")
    right = _operand(tokens)
    return lambda scope: _compare(sign, left(scope), right(scope))


def _called(tokens: _Tokens) -> Test:
    test = _FUNCTIONS[tokens.take().lower()]
    tokens.take("(")
    operands = [_operand(tokens)]
    while tokens.taken(","):
        operands.append(_operand(tokens))
    tokens.take(")")
    return lambda scope: test(*(operand(scope) for operand in operands))


def _operand(tokens: _Tokens) -> Operand:
    token = tokens.take()
    if token.lower() == "size":
        tokens.take("(")
        inner = _operand(tokens)
        tokens.take(")")
        return lambda scope: _size(inner(scope))
    if token.startswith(":"):
        return lambda scope: comparable(scope.values[token])
    return lambda scope: _attribute(scope, token)


def _attribute(scope: Scope, token: str) -> Any:
    value = scope.item.get(name_of(token, scope.names))
    return None if value is None else comparable(value)


def name_of(token: str, names: Mapping[str, str]) -> str:
    """Return the attribute that a token of an expression names."""
    return names[token] if token.startswith("#") else token


def _size(operand: Any) -> Any:
    return None if operand is None else ("N", Decimal(len(operand[1])))


def _compare(sign: str, left: Any, right: Any) -> bool:
    if left is None or right is None or left[0] != right[0]:
        return sign == "<>"
    one, other = left[1], right[1]
    if sign in ("=", "<>"):
        return bool((one == other) == (sign == "="))
    if left[0] not in _ORDERED:
        return False
    found = {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}
    return bool(found[sign])


def _contains(whole: Any, part: Any) -> bool:
    if whole is None or part is None:
        return False
    if whole[0] in _SETS:
        return whole[0] == part[0] + "S" and part[1] in whole[1]
    return whole[0] == part[0] and whole[0] in ("S", "B") and part[1] in whole[1]


def _begins(whole: Any, part: Any) -> bool:
    if whole is None or part is None or whole[0] != part[0]:
        return False
    return bool(whole[1].startswith(part[1]))


_FUNCTIONS: Final[Mapping[str, Callable[..., bool]]] = {
    "attribute_exists": lambda value: value is not None,
    "attribute_not_exists": lambda value: value is None,
    "contains": _contains,
    "begins_with": _begins,
}


# --- updates -------------------------------------------------------------------------------------

Change: TypeAlias = Callable[[dict[str, Value], Scope], None]
"""Changes the new item, as `scope` has the old one."""


def updated(
    expression: str, item: Item, names: Mapping[str, str], values: Mapping[str, Value]
) -> dict[str, Value]:
    """Return the item as an update expression changes it."""
    after, scope = dict(item), Scope(item, names, values)
    for change in _update(expression):
        change(after, scope)
    return after


@cache
def _update(expression: str) -> tuple[Change, ...]:
    tokens, changes = _Tokens(expression), []
    while tokens.next:
        clause = _CLAUSES.get(tokens.take().upper())
        if clause is None:
            raise ExpressionError(f"{expression!r}: not implemented")
        changes.append(clause(tokens))
        while tokens.taken(","):
            changes.append(clause(tokens))
    return tuple(changes)


def _set(tokens: _Tokens) -> Change:
    name = tokens.take()
    tokens.take("=")
    value = tokens.take()
    if value == "if_not_exists":
        return _set_sum(tokens, name)
    if not value.startswith(":") or tokens.next in ("+", "-"):
        raise ExpressionError(f"SET to {value!r} is not implemented")

    def change(after: dict[str, Value], scope: Scope) -> None:
        after[name_of(name, scope.names)] = scope.values[value]

    return change


def _set_sum(tokens: _Tokens, name: str) -> Change:
    """Return the change `name = if_not_exists(name, :first) + :added`, of numbers."""
    tokens.take("(")
    if tokens.take() != name:
        raise ExpressionError(f"SET {name} to another attribute is not implemented")
    tokens.take(",")
    first = tokens.take()
    tokens.take(")")
    tokens.take("+")
    added = tokens.take()

    def change(after: dict[str, Value], scope: Scope) -> None:
        attribute = name_of(name, scope.names)
        before = scope.item.get(attribute, scope.values[first])
        total = Decimal(before["N"]) + Decimal(scope.values[added]["N"])
        after[attribute] = {"N": str(total)}

    return change


def _remove(tokens: _Tokens) -> Change:
    name = tokens.take()

    def change(after: dict[str, Value], scope: Scope) -> None:
        after.pop(name_of(name, scope.names), None)

    return change


def _add(tokens: _Tokens) -> Change:
    name, value = tokens.take(), tokens.take()

    def change(after: dict[str, Value], scope: Scope) -> None:
        attribute, added = name_of(name, scope.names), scope.values[value]
        before = after.get(attribute)
        if before is None:
            after[attribute] = added
            return
        ((kind, raw),) = added.items()
        if kind == "N":
            after[attribute] = {"N": str(Decimal(before["N"]) + Decimal(raw))}
        else:
            after[attribute] = {kind: sorted({*before[kind], *raw})}

    return change


def _delete(tokens: _Tokens) -> Change:
    name, value = tokens.take(), tokens.take()

    def change(after: dict[str, Value], scope: Scope) -> None:
        attribute = name_of(name, scope.names)
        ((kind, raw),) = scope.values[value].items()
        left = sorted(set(after.get(attribute, {kind: []})[kind]) - set(raw))
        if left:
            after[attribute] = {kind: left}
        else:
            after.pop(attribute, None)

    return change


_CLAUSES: Final[Mapping[str, Callable[[_Tokens], Change]]] = {
    "SET": _set, "REMOVE": _remove, "ADD": _add, "DELETE": _delete,
}  # fmt: skip
