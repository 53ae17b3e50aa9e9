"""While a signal of a set is open, a close that would open another one is in a cooldown."""

from dataclasses import replace

from signalengine.decisions import decide
from signalengine.intervals import MINUTE_MS
from signalengine.signals import Cooldown, Evaluation, Verdict
from signalengine.strategy.one_open import while_open

from .test_set_states import SETS, evaluations

ONE = SETS[1]


def closes() -> list[Evaluation]:
    """Two closes at each of which the set opens a signal."""
    found = [
        one
        for one in evaluations(ONE.key)
        if decide(one, None, ONE, "test").decision.verdict is Verdict.EMITTED
    ]
    return [found[0], next(one for one in found if one.close_time > found[0].close_time)]


def test_a_close_waits_and_leaves_the_cooldown_as_it_was() -> None:
    first, second = closes()
    opened = decide(first, None, ONE, "test")
    assert opened.signal is not None
    assert opened.signal.strategy == ONE.key
    before = replace(opened.signal, expires_at=second.close_time + MINUTE_MS)
    found = while_open(before, second, opened.cooldown, ONE, "test")
    assert (found.signal, found.decision.verdict) == (None, Verdict.COOLDOWN)
    assert found.decision.reason.endswith(" is open")
    assert found.cooldown == replace(opened.cooldown, last_scored=second.close_time)
    free = decide(second, opened.cooldown, ONE, "test")
    assert free.decision.verdict is Verdict.EMITTED


def test_a_longer_cooldown_stays() -> None:
    first, second = closes()
    opened = decide(first, None, ONE, "test")
    assert opened.signal is not None
    until = second.close_time + 99 * MINUTE_MS
    cooldown = Cooldown(second.symbol, first.close_time, until=until)
    found = while_open(opened.signal, second, cooldown, ONE, "test")
    assert found.cooldown.until == until
