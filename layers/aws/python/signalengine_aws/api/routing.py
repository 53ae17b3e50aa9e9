"""A route of the HTTP API: declared once, then served, checked and documented."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypedDict

from .parameters import Parameter, read_all

JSON: Final = "application/json"


class MissingError(LookupError):
    """The resource named in the path does not exist; the text is for the caller."""


class Problem(TypedDict):
    """An error (RFC 9457, application/problem+json)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str


@dataclass(frozen=True, slots=True)
class Text:
    """An answer that is not JSON."""

    body: str
    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of a request, beside its parameters, that a few endpoints use."""

    accept: str = ""
    client: str = ""
    """Address of the caller."""
    site: str = ""
    """The dashboard's address, as the caller has it; "" where that is not known."""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. `answer` gets the services, the request, and the parameters' values by name."""

    path: str
    summary: str
    tag: str
    answer: Callable[..., Mapping[str, Any] | Text]
    shape: Any = None
    """Type of the answer, or a function that imports it and returns it; None: text."""
    parameters: tuple[Parameter, ...] = ()
    method: Literal["GET", "POST", "DELETE"] = "GET"
    max_age_s: int = 0
    """How long a client may cache the answer without revalidation; 0: revalidate each time."""
    shared: bool = False
    """Dashboards ask for it again and again; where everyone may read, they share one answer."""
    operator: bool = False
    """Needs the operator's token; answered by change_settings."""
    open: bool = False
    """Answers without a token, also where one is configured."""
    kinds: tuple[str, ...] = (JSON,)
    body: Callable[[], Mapping[str, Any]] | None = None
    """Returns the JSON schema of the request's body."""
    raises: tuple[str, ...] = ()
    """Status codes of errors beside those that every route of its kind has."""
    example: str = ""
    """A shortened answer for docs/api.md."""

    @property
    def name(self) -> str:
        """The operation's id."""
        words = self.path.strip("/").replace("{", "").replace("}", "").replace(".", "_")
        return f"{self.method.lower()}_{words.replace('/', '_')}"

    @property
    def answer_shape(self) -> Any:
        """Type of the answer; None: text."""
        return self.shape() if inspect.isfunction(self.shape) else self.shape

    @property
    def notes(self) -> str:
        """The endpoint's text in docs/api.md: the docstring of its function."""
        return inspect.getdoc(self.answer) or ""

    @property
    def errors(self) -> frozenset[str]:
        """Status codes of all errors."""
        own = {"400", *self.raises}
        return frozenset(own if self.open else own | {"401", "503"})

    def values(self, query: Mapping[str, str], path: Mapping[str, str]) -> dict[str, Any]:
        """Return the values of a request's parameters; raises QueryError."""
        in_path = [one for one in self.parameters if one.place == "path"]
        in_query = [one for one in self.parameters if one.place == "query"]
        return read_all(in_path, path) | read_all(in_query, query)
