"""What the engine needs of an exchange. Each exchange implements it in a folder of its own.

`Streams` is the WebSocket protocol, `Rest` the HTTP interface: both describe messages and open no
connection. Parsers return `signalengine.market_data` and raise MalformedFactError.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeAlias, TypeVar

from ..facts.stream import Bar
from ..market_data import Funding, OpenInterest, StreamClass, StreamMessage, Universe

T_co = TypeVar("T_co", covariant=True)
Action: TypeAlias = Literal["subscribe", "unsubscribe"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A base address, and the environment variable that replaces it."""

    variable: str
    default: str


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """What one WebSocket connection may carry."""

    streams: int
    """Streams of one connection, at most."""
    streams_per_request: int
    request_interval_s: float
    """Seconds between two requests on one connection, at least."""
    lifetime_s: int
    """Age at which the exchange itself closes a connection."""
    frame_bytes: int
    """A larger frame is no message of this exchange."""


class Streams(Protocol):
    """The WebSocket protocol: what is subscribed, and what arrives."""

    @property
    def route(self) -> str:
        """Return the path behind the base address."""

    @property
    def common(self) -> tuple[str, ...]:
        """Return the streams that carry all symbols."""

    @property
    def limits(self) -> StreamLimits:
        """Return the limits of one connection."""

    def kline(self, symbol: str) -> str:
        """Return the name of a symbol's stream of 1m klines."""

    def request(self, action: Action, names: Sequence[str], number: int) -> str:
        """Return the frame that subscribes to streams, or unsubscribes."""

    def decode(self, frame: bytes) -> Any:
        """Decode a frame; raises ValueError or RecursionError when it is not JSON."""

    def is_data(self, message: Any) -> bool:
        """Return whether a decoded frame carries stream data; objects without are replies."""

    def data_of(self, message: Any) -> Any:
        """Return the payload of a decoded frame that carries stream data."""

    def confirms(self, reply: Mapping[str, Any], number: int) -> bool:
        """Return whether a reply confirms the request of that number."""

    def refuses(self, reply: Mapping[str, Any]) -> bool:
        """Return whether a reply refuses a request."""

    def parse(self, data: Any, symbols: Container[str]) -> StreamMessage | None:
        """Parse a payload; None when it is not about `symbols`. Raises MalformedFactError."""

    def event_time_of(self, data: Any) -> int | None:
        """Return the exchange's own time of a payload, ms; None without one."""

    def class_of(self, data: Any) -> StreamClass | None:
        """Return the class of a payload, None when the engine does not use it."""

    def why_unused(self, data: Any) -> str:
        """Return one word for why a payload that parses to None is not used."""


@dataclass(frozen=True, slots=True)
class RestRequest(Generic[T_co]):
    """One GET request, its cost, and how its answer is read."""

    path: str
    query: Mapping[str, str | int]
    weight: int
    """Share of the weight limit that it uses; 0: none."""
    parse: Callable[[Any], T_co]
    """Read the decoded JSON; raises MalformedFactError."""


@dataclass(frozen=True, slots=True)
class RestLimits:
    """How often requests may be sent, and which statuses report that it was too often."""

    weight_per_minute: int
    """Of all callers at one address together."""
    pauses_s: Mapping[int, float]
    """HTTP statuses after which all requests pause, with seconds when the answer names none."""
    region_status: int
    """The HTTP status by which the exchange refuses the caller's location."""


class Rest(Protocol):
    """The HTTP interface."""

    @property
    def limits(self) -> RestLimits:
        """Return the limits of all requests together."""

    def weight_used(self, headers: Mapping[str, str]) -> int | None:
        """Return the weight of the last minute by the exchange's own count; None without one."""

    def server_time(self) -> RestRequest[int]:
        """Request the exchange's time, ms."""

    def universe(self) -> RestRequest[Universe]:
        """Request which symbols can be followed."""

    def day_volumes(self) -> RestRequest[dict[str, float]]:
        """Request each symbol's quote volume of 24 h."""

    def funding_hours(self) -> RestRequest[dict[str, int]]:
        """Request hours between funding payments, where they are not the usual 8."""

    def last_bars(
        self, symbol: str, interval: str, end: int, limit: int
    ) -> RestRequest[tuple[Bar, ...]]:
        """Request the last `limit` bars that closed at or before `end`, oldest first."""

    def bars_between(
        self, symbol: str, interval: str, start: int, end: int
    ) -> RestRequest[tuple[Bar, ...]]:
        """Request the bars with `start` <= open time < `end`, oldest first."""

    def open_interest(self, symbol: str) -> RestRequest[OpenInterest]:
        """Request a symbol's open interest of now."""

    def funding_rates(self, symbol: str, start: int, end: int) -> RestRequest[tuple[Funding, ...]]:
        """Request a symbol's payments with `start` <= time <= `end`."""

    def replayed_open_interest(self, start: int, end: int) -> RestRequest[tuple[OpenInterest, ...]]:
        """Request all symbols' open interest at the ends of minutes, `start` <= time <= `end`.

        Only a replayed market answers it.
        """


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange: its name, addresses, protocols, and where it can be used from."""

    name: str
    """As in the environment variable EXCHANGE."""
    streams: Streams
    rest: Rest
    rest_base: Endpoint
    ws_base: Endpoint
    region_help: str
    """What to do when the exchange refuses the location: one sentence or two for the operator."""
