"""What an invocation of a world is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .services.fibers import Invocation


@dataclass(slots=True)
class Message:
    """A message of the topic, and how often broadcast was invoked with it."""

    text: str
    tries: int = 0


@dataclass(slots=True)
class Prepared:
    """An invocation that is ready, and what its end leads to."""

    invocation: Invocation
    event: Any
    ended: Callable[[Any], None]
    """Called with the handler's answer, or with None when it has failed."""
    records: Sequence[Any] = ()
    """What of a stream it is invoked with."""
