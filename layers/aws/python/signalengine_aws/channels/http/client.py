"""One HTTPS request to an address that somebody else chose.

The host is resolved once, each of its addresses has to be public, and the connection goes to that
very address under the host's name, which its certificate has to have. Redirects are not followed.
Time and sizes are bounded. No error has the URL in it: it may be a secret.
"""

import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final, TypeAlias, TypeVar, cast

from ...delivery.errors import RejectedError, UnavailableError
from ...runtime.proxies import Proxy, proxy_of
from .addresses import is_private, is_public
from .timed_socket import Deadline, TimedSocket
from .urls import ForbiddenAddressError, Target, bracketed, target_of

TIMEOUT_S: Final = 10.0
CONNECT_TIMEOUT_S: Final = 3.0
"""Of one address; there may be others."""
MAX_REQUEST: Final = 262_144
MAX_HEADERS: Final = 16_384
MAX_BODY: Final = 65_536
MOST_ADDRESSES: Final = 4
"""Of a host: tried one after another until one accepts the connection."""
_OWN_HEADERS: Final = frozenset(
    {"host", "content-length", "connection", "transfer-encoding", "accept-encoding"}
)
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_VALUE: Final = re.compile(r"[\t -~]*")

T = TypeVar("T")
Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
Connect: TypeAlias = Callable[[str, int, float], socket.socket]


@dataclass(frozen=True, slots=True)
class Response:
    """A service's answer; a body that ends early, or is longer than `MAX_BODY`, is cut off."""

    status: int
    headers: Mapping[str, str]
    """By their names in lower case; several of one name are joined with commas."""
    body: bytes


class OutboundClient:
    """Sends one HTTPS request to a public address; follows no redirect.

    `allowed` are hosts that the operator opened, `host` or `host:port`, or returns those of now:
    they may be private, and plain HTTP. Several threads may use one.
    """

    def __init__(
        self,
        *,
        allowed: Collection[str] | Callable[[], Collection[str]] = (),
        timeout_s: float = TIMEOUT_S,
        resolve: Resolve | None = None,
        connect: Connect | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`resolve`, `connect` and `trust` replace the machine's own."""
        self._allowed = allowed
        self._timeout_s = timeout_s
        self._resolve = resolve or resolved
        self._connect = connect or connected
        self._trust = trust

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Return the answer to a request.

        Raises UnavailableError, `ambiguous` once the request's first byte may have been sent, and
        ForbiddenAddressError.
        """
        target = self._target(url)
        _check(body, headers)
        deadline = Deadline(self._timeout_s)
        opened = self._open(target, deadline)
        try:
            return _exchange(_Connection(target, opened), target, body, headers)
        finally:
            opened.end()

    def addresses(self, url: str) -> Sequence[str]:
        """Return the addresses that a request to a URL may go to; raises as `post` does."""
        return self._addresses(self._target(url), Deadline(self._timeout_s))

    def _target(self, url: str) -> Target:
        return target_of(url, self._allowed() if callable(self._allowed) else self._allowed)

    def _open(self, target: Target, deadline: Deadline) -> TimedSocket:
        """Return a connection to the target; raises UnavailableError, nothing being sent."""
        reason = "no address"
        proxy = proxy_of(f"{target.scheme}://{target.authority}/")
        for address in self._addresses(target, deadline, by_proxy=proxy is not None):
            try:
                return self._connection(target, address, proxy, deadline)
            except ssl.SSLCertVerificationError:
                raise UnavailableError("its certificate is not valid", ambiguous=False) from None
            except (OSError, HTTPException) as error:
                reason = type(error).__name__
        raise UnavailableError(f"no connection: {reason}", ambiguous=False)

    def _addresses(
        self, target: Target, deadline: Deadline, *, by_proxy: bool = False
    ) -> Sequence[str]:
        """Return the addresses of a target, all of which are accepted."""
        named = by_proxy and target.opened
        timeout_s = min(deadline.left_s(), CONNECT_TIMEOUT_S) if named else deadline.left_s()
        try:
            found = _within(timeout_s, lambda: self._resolve(target.host, target.port))
        except (OSError, UnicodeError):
            if named:
                return [target.host]  # a name that perhaps the proxy alone knows
            raise UnavailableError("its name is not resolved", ambiguous=False) from None
        for address in found:
            if not (is_public(address) or (target.opened and is_private(address))):
                raise ForbiddenAddressError("its address is not a public one")
        return [target.host] if named else found[:MOST_ADDRESSES]

    def _connection(
        self, target: Target, address: str, proxy: Proxy | None, deadline: Deadline
    ) -> TimedSocket:
        host, port = (address, target.port) if proxy is None else (proxy.host, proxy.port)
        opened = self._connect(host, port, deadline.left_s())
        try:
            opened.settimeout(deadline.left_s())
            if proxy is not None:
                _tunnel(opened, f"{bracketed(address)}:{target.port}", proxy, deadline)
            if target.tls:
                opened.settimeout(deadline.left_s())
                opened = (self._trust or _trust()).wrap_socket(opened, server_hostname=target.host)
        except BaseException:
            opened.close()
            raise
        return TimedSocket(opened, deadline, MAX_HEADERS + MAX_BODY)


class _Connection(HTTPConnection):
    """A request on a connection that exists."""

    def __init__(self, target: Target, opened: TimedSocket) -> None:
        super().__init__(target.host, target.port)
        self.sock = cast("socket.socket", opened)

    def connect(self) -> None:
        raise HTTPException("the connection has ended")  # no other is opened


def _exchange(
    connection: _Connection, target: Target, body: bytes, headers: Mapping[str, str]
) -> Response:
    """Send a request and read the answer; a body that breaks off does not undo its status."""
    try:
        connection.putrequest("POST", target.path, skip_host=True, skip_accept_encoding=True)
        own = {"Host": target.authority, "Content-Length": str(len(body)), "Connection": "close"}
        for name, value in {**own, **headers}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
    except (OSError, HTTPException) as error:
        raise UnavailableError(type(error).__name__, ambiguous=True) from None
    return Response(response.status, _headers(response), _body(response))


def _headers(response: HTTPResponse) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in response.getheaders():
        known = found.get(name.lower())
        found[name.lower()] = value if known is None else f"{known}, {value}"
    return found


def _body(response: HTTPResponse) -> bytes:
    pieces = bytearray()
    try:
        while len(pieces) < MAX_BODY and (piece := response.read1(MAX_BODY - len(pieces))):
            pieces += piece
    except (OSError, HTTPException):
        pass  # the service has answered by then: its status counts
    return bytes(pieces)


def _tunnel(opened: socket.socket, place: str, proxy: Proxy, deadline: Deadline) -> None:
    """Have a proxy connect to an address; raises OSError or HTTPException when it does not."""
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if proxy.user:
        login = b64encode(f"{proxy.user}:{proxy.password}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {login}")
    timed = TimedSocket(opened, deadline, MAX_HEADERS)
    timed.sendall("\r\n".join([*lines, "", ""]).encode("latin-1", "replace"))
    response = HTTPResponse(cast("socket.socket", timed), method="CONNECT")
    response.begin()
    if response.status != HTTPStatus.OK:
        raise ProxyRefusalError


class ProxyRefusalError(OSError):
    """The proxy makes no connection."""


def resolved(host: str, port: int) -> Sequence[str]:
    """Return a host's addresses, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def connected(address: str, port: int, timeout_s: float) -> socket.socket:
    return socket.create_connection((address, port), min(timeout_s, CONNECT_TIMEOUT_S))


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _within(timeout_s: float, call: Callable[[], T]) -> T:
    """Return what a call returns, or raises; raises TimeoutError while it is still under way.

    A resolver has no time-out of its own. The thread ends with the call, and holds up nothing.
    """
    results: SimpleQueue[T | Exception] = SimpleQueue()

    def run() -> None:
        try:
            results.put(call())
        except Exception as error:
            results.put(error)

    Thread(target=run, daemon=True).start()
    try:
        result = results.get(timeout=timeout_s)
    except Empty:
        raise TimeoutError from None
    if isinstance(result, Exception):
        raise result
    return result


def _check(body: bytes, headers: Mapping[str, str]) -> None:
    """Raise RejectedError for a request that cannot be sent."""
    if len(body) > MAX_REQUEST or sum(map(len, [*headers, *headers.values()])) > MAX_HEADERS:
        raise RejectedError("the request is too long")
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or name.lower() in _OWN_HEADERS or not _VALUE.fullmatch(value):
            raise RejectedError("a header that is not accepted")
