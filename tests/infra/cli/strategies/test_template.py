"""A new strategy is one that loads, and its test is the laws in one call."""

import ast

from signalengine.strategy.loading import load_text

from infra.cli.strategies.template import texts


def test_both_texts_are_of_the_name() -> None:
    strategy, test = texts("my_idea")

    assert load_text(strategy, "my_idea.py").name == "my_idea"
    assert 'with_name("my_idea.py")' in test
    ast.parse(test)
    assert "$" not in strategy + test
    assert max(map(len, strategy.splitlines())) <= 100
