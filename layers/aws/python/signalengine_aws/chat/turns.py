"""The turns of a conversation between the chat and a language model, for any model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from signalengine.errors import TransientError


class ModelUnavailableError(TransientError):
    """The model gave no usable answer; the text is for the log."""


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that the model calls; untrusted."""

    call_id: str
    name: str
    arguments: Any


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of an answer as it is being written."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """One earlier message of the conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class ToolCalls:
    """The model's turn that calls tools, with the text that it wrote beside."""

    text: str
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class ToolResults:
    """The results of tools: each call with its result, a JSON text."""

    results: tuple[tuple[Call, str], ...]


Turn: TypeAlias = Text | ToolCalls | ToolResults
Piece: TypeAlias = Words | Call


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as described to a model; `parameters` is a JSON schema."""

    name: str
    about: str
    parameters: Mapping[str, Any]


class Model(Protocol):
    """The port: a language model that may call tools."""

    @property
    def name(self) -> str:
        """The `source` of its answers."""
        ...

    def stream(
        self, system: str, turns: Sequence[Turn], tools: Sequence[Tool], timeout_s: float
    ) -> Iterator[Piece]:
        """Yield the next turn piece by piece. Raises ModelUnavailableError, also after some."""
        ...
