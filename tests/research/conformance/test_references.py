"""Every feature has a reference."""

from signalengine.snapshot import CONTEXT, NAMES

from research.conformance import context, references


def test_every_feature_has_a_reference() -> None:
    assert set(references.SOURCES) == set(NAMES)
    assert set(context.SOURCES) == set(CONTEXT)
