"""What a route of the HTTP API is: declared once, then served, checked and documented."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from .parameters import Parameter, read_all

JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Text:
    """An answer that is not JSON."""

    body: str
    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """What a few endpoints look at beside their parameters."""

    accept: str = ""
    client: str = ""
    """Address of who asks."""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. `ask` gets the services, the request, and the parameters' values by name."""

    path: str
    summary: str
    tag: str
    ask: Callable[..., Mapping[str, Any] | Text]
    shape: Any = None
    """Type of the answer (see `serving.shapes`); None: text."""
    parameters: tuple[Parameter, ...] = ()
    method: Literal["GET", "POST"] = "GET"
    max_age_s: int = 0
    """How long the answer may be kept without asking again; 0: ask each time."""
    open: bool = False
    """Answers without a token, also where one is configured."""
    kinds: tuple[str, ...] = (JSON,)
    body: Callable[[], Mapping[str, Any]] | None = None
    """Returns the JSON schema of the request's body."""
    raises: tuple[str, ...] = ()
    """Codes of errors beside those of its kind."""

    @property
    def name(self) -> str:
        """The operation's id."""
        words = self.path.strip("/").replace("{", "").replace("}", "").replace(".", "_")
        return f"{self.method.lower()}_{words.replace('/', '_')}"

    @property
    def errors(self) -> frozenset[str]:
        own = {"400", *self.raises}
        return frozenset(own if self.open else own | {"401", "503"})

    def values(self, query: Mapping[str, str], path: Mapping[str, str]) -> dict[str, Any]:
        """Return the values of a request's parameters; raises QueryError."""
        in_path = [one for one in self.parameters if one.place == "path"]
        in_query = [one for one in self.parameters if one.place == "query"]
        return read_all(in_path, path) | read_all(in_query, query)
