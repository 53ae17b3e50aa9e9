"""A finding in words."""

from signalengine.strategy.finding import Finding


def test_a_finding_has_line_text_and_fix() -> None:
    assert str(Finding(3, "a power", "multiply")) == "line 3: a power; multiply"
