"""One open signal a symbol and parameter set: no other opens before it has closed."""

from dataclasses import replace

from ..decisions import Decided, decide
from ..signals import Cooldown, Evaluation, Signal
from ..text.formatting import when
from .parameter_set import ParameterSet


def while_open(
    before: Signal,
    evaluation: Evaluation,
    cooldown: Cooldown,
    policy: ParameterSet,
    code_version: str,
) -> Decided:
    """Decide a close at which the symbol has an open signal of the set: as in a cooldown.

    The stored cooldown is as without it, because the signal may close before it expires.
    """
    waiting = replace(cooldown, until=max(cooldown.until, before.expires_at))
    recent = () if policy.protections.on else None
    found = decide(evaluation, waiting, policy, code_version, recent=recent)
    after = replace(found.cooldown, until=cooldown.until)
    reason = f"the {before.direction} signal of {when(before.close_time)} is open"
    return Decided(replace(found.decision, reason=reason), None, after)
