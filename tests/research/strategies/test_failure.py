"""An error of a strategy's function becomes a failure with its line and the fix."""

import pytest

from research.strategies.failure import LawError
from research.strategies.runs import trace

from .texts import bars, inside, line_of, subject


@pytest.mark.parametrize(
    ("line", "words", "fix"),
    [
        ("x = s[RING + 4000]", "a place that does not exist", "S.many"),
        ("x = 1.0 / (s[SEEN] - 40.0)", "divides by zero", "compare the divisor"),
        ("x = int(s[TOP])", "a whole number of NaN", "x == x"),
        ("x = int(s[PRICE] * 1e308 * 1e308)", "a whole number of ", ""),
        ("x = twice(1.0, 2.0)", "TypeError: twice()", "numbers only"),
    ],
)
def test_an_error_names_the_line(line: str, words: str, fix: str) -> None:
    text = inside(line) + "\n\ndef twice(x):\n    return 2.0 * x\n"

    with pytest.raises(LawError) as raised:
        trace(subject(text).run(), bars().steps)

    found = raised.value.failure
    assert found.law == "runs"
    assert words in found.found.text
    assert fix in found.found.fix
    assert found.found.line == line_of(line, text)
    assert str(raised.value) == str(found)
