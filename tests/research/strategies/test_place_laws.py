"""Places of the buffer: writes that are not declared, reads of what no bar has written."""

import pytest

from research.strategies.markets import REGIMES
from research.strategies.place_laws import places

from .texts import GOOD, bars, inside, line_of, subject


@pytest.mark.parametrize("regime", REGIMES, ids=lambda one: one.name)
def test_declared_places_obey(regime: object) -> None:
    assert list(places(subject(), bars(regime))) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("s[5] = 1.0", "writes to place 5, which is not declared"),
        ("s[65] = 1.0", "writes to 'last_open' of the engine"),
        ("x = s[RING + (seen + 1) % 20]", "reads a place of 'ring' that no bar has written"),
        ("x = s[seen % 2 - 1]", "counts places from the end"),
    ],
)
def test_a_place_that_is_not_its_own_is_found(line: str, words: str) -> None:
    text = inside(line)

    (found,) = places(subject(text), bars())

    assert words in found.found.text
    assert found.found.line == line_of(line, text)
    assert found.found.fix


def test_a_sum_in_places_may_begin_at_what_a_new_state_has() -> None:
    line = "s[RING + seen % 20] = s[RING + seen % 20] + bar[CLOSE]"

    assert list(places(subject(inside(line)), bars())) == []


def test_a_place_in_code_of_the_engine_is_the_line_that_calls_it() -> None:
    text = (
        inside("push(s, 3, bar[CLOSE])", GOOD)
        .replace(
            "from signalengine.strategy.form",
            "from signalengine.library.windows import push\nfrom signalengine.strategy.form",
        )
        .replace("    s[PRICE] = bar[CLOSE]", "    s[4] = 2.0\n    s[PRICE] = bar[CLOSE]")
    )

    found = list(
        places(
            subject(text.replace("push(s, 3,", "s[4] = 1.0\n    s[3] = 0.0\n    push(s, 3,")),
            bars(),
        )
    )

    assert any(one.found.line == line_of("push(s", text) + 2 for one in found)
