"""Which parameters a fold reads is found in its syntax, and never too few."""

import pytest
from signalengine.strategy.loading import Loaded, load_shipped, load_text, shipped

from research.strategies.fold_parameters import fold_parameters, folded_only

HEAD = '''\
"""A strategy for a test."""

from signalengine.exits.levels import bracket
from signalengine.strategy.form import CLOSE, Parameters, State, Strategy, Values

P = Parameters()
FAST = P.number("fast", 2.0, least=1.0, most=9.0)
SLOW = P.number("slow", 3.0, least=1.0, most=9.0)
REACH = P.number("reach", 1.0, least=0.1, most=9.0)
V = Values()
PRICE = V.price("close")
S = State(V)
STRATEGY = Strategy(
    name="tried", version=1, every="1h", parameters=P, values=V, state=S, warm_up={"1h": 5},
)
'''
TAIL = """

def entry(v, f, side, p):
    return side * v[PRICE] > p[SLOW]


def exits(v, f, side, p, out):
    bracket(out, v[PRICE] + side * p[REACH], v[PRICE] - side * p[REACH])
"""


def tried(*functions: str) -> Loaded:
    return load_text(HEAD + "\n\n" + "\n\n\n".join(functions) + TAIL, "tried.py")


FOLD = "def fold_1h(s, bar, p):\n    s[PRICE] = "


@pytest.mark.parametrize(
    ("functions", "read"),
    [
        ((FOLD + "bar[CLOSE]",), ()),
        ((FOLD + "bar[CLOSE] * p[FAST]",), (0,)),
        ((FOLD + "bar[CLOSE] * p[1]",), (1,)),
        ((FOLD + "mean(bar, p)", "def mean(bar, q):\n    return bar[CLOSE] * q[SLOW]"), (1,)),
        (
            (
                FOLD + "first(p, bar[CLOSE])",
                "def first(a, x):\n    return second(x, a) * a[FAST]",
                "def second(x, p):\n    return x * p[REACH]",
            ),
            (0, 2),
        ),
        ((FOLD + "bar[CLOSE] * p[int(bar[CLOSE])]",), (0, 1, 2)),
        (("def fold_1h(s, bar, p):\n    for k in range(2):\n        s[PRICE] = p[k]",), (0, 1, 2)),
        (("def fold_1h(s, bar, p):\n    SLOW = 0\n    s[PRICE] = p[SLOW]",), (0, 1, 2)),
        (
            (
                "def fold_1h(s, bar, p):\n    q = p\n    s[PRICE] = taken(q)",
                "def taken(p):\n    return p[FAST]",
            ),
            (0, 1, 2),
        ),
        ((FOLD + "bar[CLOSE]", "def unused(p):\n    return p[FAST]"), ()),
    ],
)
def test_what_a_fold_reads_is_found(functions: tuple[str, ...], read: tuple[int, ...]) -> None:
    assert fold_parameters(tried(*functions)) == read


def test_those_of_the_shipped_strategies_are_known() -> None:
    found = {
        name: [one.strategy.parameters.declared[k].name for k in fold_parameters(one)]
        for name in shipped()
        if (one := load_shipped(name)).strategy.parameters.declared
    }
    assert found["donchian"] == ["days"]
    assert found["momentum"] == ["days"]


def test_parameters_that_no_fold_reads_are_at_their_defaults() -> None:
    one = tried(FOLD + "bar[CLOSE] * p[FAST]")
    assert folded_only(one, (7.0, 8.0, 9.0)) == (7.0, 3.0, 1.0)
