"""Before a strategy is compiled, its places are tried in plain Python."""

import pytest
from signalengine.errors import StrategyError
from signalengine.strategy.loading import load_shipped, load_text
from signalengine.strategy.sets import set_of

from research.strategies.preflight import preflight

from .texts import GOOD, inside, line_of


def tried(text: str) -> None:
    preflight(set_of(load_text(text, "channel.py")))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("x = s[RING + 4000]", "a place that does not exist"),
        ("s[9] = 1.0", "writes to place 9, which is not declared"),
        ("x = s[seen % 2 - 1]", "counts places from the end"),
    ],
)
def test_a_place_that_compiled_code_would_not_check_is_refused(line: str, words: str) -> None:
    text = inside(line)

    with pytest.raises(StrategyError, match=f"channel.py, line {line_of(line, text)}: .*{words}"):
        tried(text)


def test_a_strategy_that_keeps_to_its_places_passes() -> None:
    tried(GOOD)


def test_a_set_that_raises_is_refused_though_others_share_its_fold() -> None:
    line = "return v[PRICE] > v[HIGHEST]"
    text = load_shipped("donchian").text.replace(line, "return 1.0 / (p[TP_ATR] - 2.0) > 0.0")
    file = load_text(text, "donchian.py")
    preflight(set_of(file, {"parameters": {"tp_atr": 3.0}}))

    with pytest.raises(StrategyError, match=r"donchian.py, line .*: divides by zero"):
        preflight(set_of(file, {"parameters": {"tp_atr": 2.0}}))

    preflight(set_of(file, {"parameters": {"tp_atr": 4.0}}))
