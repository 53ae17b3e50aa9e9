"""The parameter sets that a stack can run: their strategy is deployed as it was registered."""

from ..errors import StrategyError
from ..policy import CLASSIC
from .lifecycle import Registered
from .loading import load_shipped
from .sets import Find, StrategySet, load_set


def defined(text: str, find: Find = load_shipped) -> StrategySet:
    """Read the parameters of a set for a stack; raises PolicyError or StrategyError.

    Not of `classic`, whose policy is deployed, nor of a strategy that a stack cannot run.
    """
    found = load_set(text, find)
    if not isinstance(found, StrategySet):
        raise StrategyError(f"the parameters of {CLASSIC} are deployed, as a policy file")
    if found.protections.market_wide:
        raise StrategyError(
            f"{found.key}: of `loss` and `open_signals` a stack knows only those of {CLASSIC}"
        )
    return found


def deployed(one: Registered, find: Find = load_shipped) -> StrategySet:
    """Return a registered set with the code that this deployment has.

    Raises PolicyError or StrategyError with the reason to park it: its strategy is not there, or is
    another one than was registered.
    """
    found = defined(one.text, find)
    if found.digest != one.digest:
        raise StrategyError(
            f"{found.strategy} is deployed as {found.digest} and was registered as {one.digest}: "
            "its code, parameters or the library have changed"
        )
    return found
