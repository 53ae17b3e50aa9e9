"""What the chat and a language model say to each other, whichever model it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from signalengine.errors import TransientError


class ModelUnavailableError(TransientError):
    """The model gave no usable answer; the words are for the log."""


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that the model asks for; nothing about it is trusted yet."""

    call_id: str
    name: str
    arguments: Any


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of an answer as it is being written."""

    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """One earlier message of the conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The model's turn that asked for tools, with what it said beside."""

    text: str
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What the tools answered: each call with its result, a JSON text."""

    results: tuple[tuple[Call, str], ...]


Turn: TypeAlias = Said | Asked | Told
Piece: TypeAlias = Words | Call


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as it is described to a model; `parameters` is a JSON schema."""

    name: str
    about: str
    parameters: Mapping[str, Any]


class Model(Protocol):
    """The port: a language model that may ask for tools."""

    @property
    def name(self) -> str:
        """What an answer's `source` says."""
        ...

    def stream(
        self, system: str, turns: Sequence[Turn], tools: Sequence[Tool], timeout_s: float
    ) -> Iterator[Piece]:
        """Yield the next turn piece by piece. Raises ModelUnavailableError, also half way."""
        ...
