"""Lines of values and functions."""

from signalengine.strategy.loading import load_text

from research.strategies.lines import lines_of

from .texts import GOOD, line_of


def test_a_value_is_where_it_is_written_else_where_it_is_declared() -> None:
    lines = lines_of(GOOD, load_text(GOOD, "channel.py").strategy)

    assert lines.value("top") == line_of("s[TOP] = top", GOOD)
    assert lines.function("components", "entry") == line_of("def entry", GOOD)
    assert lines.fold() == line_of("def fold_1h", GOOD)
    assert (lines.value("unknown"), lines.function("leave")) == (0, 0)
    unwritten = GOOD.replace("    s[TOP] = top\n", "")
    assert lines_of(unwritten, load_text(GOOD, "x.py").strategy).value("top") == line_of(
        '"top"', GOOD
    )
