"""How many examples a law of its own cost gets."""

from hypothesis import settings

_USUAL = 100


def examples(count: int) -> settings:
    """Return settings of `count` examples, as many times more where the profile asks for more.

    A bare `settings(max_examples=…)` would hold the profile that explores to the same few.
    """
    return settings(max_examples=max(1, count * settings.default.max_examples // _USUAL))
