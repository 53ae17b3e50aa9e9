"""Hidden state fails every law of the state, however it is kept; compiled equals plain."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from signalengine.intervals import INTERVALS
from signalengine.strategy.buffer import LAST_OPEN
from signalengine.strategy.code import Code

from research.compiled import compiled_text
from research.strategies import state_laws as laws
from research.strategies.failure import Failure
from research.strategies.markets import REGIMES

from .texts import GOOD, bars, inside, line_of, seen, subject, with_code


def counting(code: Code) -> Code:
    """Count the calls of `entry` beside the buffer, and enter at every fifth."""
    calls = [0]

    def entry(v: object, f: object, side: float, p: object) -> bool:
        calls[0] += 1
        return calls[0] % 5 == 0

    return code._replace(entry=entry)


def remembering(code: Code) -> Code:
    """Keep the highest close of all symbols beside the buffer."""
    highest = [0.0]
    fold = code.folds["1h"]

    def fold_1h(s: list[float], bar: tuple[float, ...], p: tuple[float, ...]) -> None:
        fold(s, bar, p)
        highest[0] = max(highest[0], bar[4])
        s[1] = highest[0]

    return code._replace(folds={"1h": fold_1h})


def broken(law: str, change: Callable[[Code], Code] | None) -> list[Failure]:
    """Return what a law of the state finds with these functions."""
    one = subject() if change is None else subject(load=with_code(change))
    if law == "symbols":
        return list(laws.symbols(one, bars(), bars(REGIMES[1])))
    return list(getattr(laws, law)(one, bars(), seen(subject(GOOD, load=one.load))))


@pytest.mark.parametrize("law", ["prefix", "replay", "restore", "symbols"])
def test_a_state_that_is_the_buffer_obeys(law: str) -> None:
    assert broken(law, None) == []


def test_a_bar_that_is_taken_twice_is_found() -> None:
    """A fold that loses the time of its last bar takes the bar again."""
    one = subject(inside(f"s[{LAST_OPEN + INTERVALS.index('1h')}] = -1.0"))

    (found,) = laws.replay(one, bars(), seen(one))

    assert found.found.text == "the state differs at bar 1 when bars come twice"
    assert found.found.line == line_of("def fold_1h", GOOD)


@pytest.mark.parametrize("law", ["restore", "symbols"])
def test_a_count_beside_the_buffer_is_found(law: str) -> None:
    (found,) = broken(law, counting)

    assert found.law == law
    assert found.found.line == line_of("def entry", GOOD)
    assert found.found.text.startswith("the answer differs at bar ")
    assert "declare it with S.one" in found.found.fix


@pytest.mark.parametrize("law", ["prefix", "restore", "symbols"])
def test_a_number_that_is_remembered_beside_the_buffer_is_found(law: str) -> None:
    (found,) = broken(law, remembering)

    assert found.found.line == line_of("s[TOP] = top", GOOD)
    assert found.found.text.startswith("value 'top' differs at bar ")


def test_a_number_of_later_bars_is_found_at_the_bar_that_shows_it() -> None:
    """The second fold of a bar knows what came after it in the first: a look-ahead."""
    (found,) = broken("prefix", remembering)

    assert "once later bars were seen" in found.found.text


@pytest.mark.slow  # numba compiles
def test_compiled_is_plain_to_the_last_bit() -> None:
    one = replace(subject(), compile=compiled_text)

    for regime in REGIMES:
        assert list(laws.compiled(one, bars(regime), seen(one, bars(regime)))) == []


@pytest.mark.slow  # as above
def test_a_whole_number_that_overflows_is_not_the_same_compiled() -> None:
    text = inside(
        "grown = 3 + seen\n    for _ in range(70):\n        grown = grown * 3\n"
        "    s[PRICE] = float(grown)"
    )
    one = replace(subject(text.replace("    s[PRICE] = bar[CLOSE]\n", "")), compile=compiled_text)

    (found,) = laws.compiled(one, bars(), seen(one))

    assert found.found.text == "value 'close' differs at bar 1 when compiled"
    assert "2**53" in found.found.fix


@pytest.mark.slow  # as above
def test_what_cannot_be_compiled_is_found_with_its_line() -> None:
    text = GOOD.replace("        return v[PRICE] > v[TOP]\n", "        return (1.0, 2.0)\n")
    one = replace(subject(text), compile=compiled_text)

    (found,) = laws.compiled(one, bars(), seen(one))

    assert "does not compile" in found.found.text
    assert found.found.line >= line_of("def entry", text)
