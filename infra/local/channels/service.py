"""What a service that is stood in for has: its paths, its answers, its errors (no sockets here).

To add one: a class with these members, and a line in `server.services`.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from .faults import Fault
from .shown import Shown

JSON: Final = "application/json"
TEXT: Final = "text/plain"


@dataclass(frozen=True, slots=True)
class Call:
    """One request; names of headers are in lower case, `at` is wall-clock ms."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: int
    query: Mapping[str, str] = field(default_factory=dict)
    id: int = 0
    """Number of the call in this run."""

    def json(self) -> Any:
        """Return the body's document; raises ValueError."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `arrived` is what the page shows of a message that was accepted."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON
    arrived: Shown | None = None


class Service(Protocol):
    """One service."""

    @property
    def name(self) -> str:
        """The channel's name, and the title of its column."""
        ...

    @property
    def prefixes(self) -> Collection[str]:
        """What its paths begin with; `/` alone stands for exactly that path."""
        ...

    @property
    def errors(self) -> Collection[str]:
        """Names of the errors that it may be given, as in a fault's `error`."""
        ...

    @property
    def destination(self) -> Mapping[str, str]:
        """A destination that exists: `path`, and what else a client needs, such as `token`."""
        ...

    def name_of(self, call: Call, /) -> str:
        """Return the destination that a call is for, as faults and the page name it."""
        ...

    def answer(self, call: Call, /) -> Answer:
        """Accept a message, or refuse it as the service does."""
        ...

    def refusal(self, fault: Fault, /) -> Answer:
        """Return the service's answer for a fault that has one: `429`, `500` or `error`."""
        ...


def json_answer(
    status: int,
    body: Any,
    headers: Mapping[str, str] | None = None,
    arrived: Shown | None = None,
) -> Answer:
    return Answer(status, json.dumps(body).encode(), headers or {}, JSON, arrived)


def text_answer(
    status: int,
    body: str,
    headers: Mapping[str, str] | None = None,
    arrived: Shown | None = None,
) -> Answer:
    return Answer(status, body.encode(), headers or {}, TEXT, arrived)
