"""Why the exchange cannot be reached, in words for an operator, and what to do about it."""

import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import requests
import websocket
from signalengine.errors import MalformedFactError
from signalengine_aws.runtime.proxies import proxy_of

_NETWORK: Final = "Check this machine's network and firewall; behind a proxy set HTTPS_PROXY."
_LOGIN: Final = re.compile(r"(?:status|failed): 407\b")
"""How websocket-client and http.client report that a proxy requires a login."""
_HTTP: Final = {
    403: ("its firewall refuses this address (HTTP 403)", "Wait, or use another address."),
    407: ("the proxy requires a login (HTTP 407)", "Set HTTPS_PROXY=http://user:password@host:port."),
    418: ("it has banned this address (HTTP 418)", "Wait until the ban ends: retries prolong it."),
    451: ("it refuses this location (HTTP 451)", "Run it where the exchange serves."),
    429: ("it limits the rate of requests (HTTP 429)", "Do other programs use this address too?"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause and its remedy: one sentence each."""

    text: str
    fix: str = ""


class AnswerError(Exception):
    """An answer with this HTTP status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def cause_of(error: BaseException, url: str) -> Cause:
    """Return the cause of a failed request or connection to `url`."""
    host = urlsplit(url).hostname or url
    for each in _chain(error):
        cause = _cause(each, host, url)
        if cause is not None:
            return cause
    return Cause(f"{host}: {str(error)[:200] or type(error).__name__}")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the proxy's error if there is one, then the innermost error, outwards."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or one in found:
            continue
        found.append(one)
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    proxied = (requests.exceptions.ProxyError, websocket.WebSocketProxyException)
    yield from (one for one in found if isinstance(one, proxied))
    yield from reversed(found)


def _cause(error: BaseException, host: str, url: str) -> Cause | None:
    match error:
        case requests.exceptions.ProxyError() | websocket.WebSocketProxyException():
            return _proxy(error, url)
        case AnswerError():
            return _answer(error.status, host)
        case websocket.WebSocketBadStatusException():
            return _answer(error.status_code, host)
        case MalformedFactError():
            return Cause(f"{host} does not answer as the exchange does: {error}",
                         "Is there a login page of this network, or a wrong address?")  # fmt: skip
        case socket.gaierror():
            return Cause(f"the name {host} cannot be resolved", _NETWORK)
        case ssl.SSLError():
            return _tls(error, host)
        case ConnectionRefusedError():
            where = f"{proxy} (the proxy)" if (proxy := proxy_of(url)) else host
            return Cause(f"{where} refuses connections", _NETWORK)
        case TimeoutError() | requests.exceptions.Timeout() | websocket.WebSocketTimeoutException():
            return Cause(f"{host} does not answer in time", _NETWORK)
        case OSError(errno=int(), strerror=str()):
            return Cause(f"{host}: {error.strerror}", _NETWORK)
    return None


def _proxy(error: BaseException, url: str) -> Cause:
    proxy, text = proxy_of(url), str(error)
    if _LOGIN.search(text):
        return Cause(f"the proxy {proxy} requires a login (HTTP 407)", _HTTP[407][1])
    fix = "Start it, unset HTTPS_PROXY, or list the host in NO_PROXY."
    reason = next((one.strerror for one in _chain_of_os(error) if one.strerror), text[:120])
    return Cause(f"the proxy {proxy} fails: {reason}", fix)


def _chain_of_os(error: BaseException) -> Iterator[OSError]:
    inner: BaseException | None = error
    seen = 0
    while inner is not None and seen < 10:
        seen += 1
        if isinstance(inner, OSError) and not isinstance(inner, requests.RequestException):
            yield inner
        reason = getattr(inner, "reason", None)
        args = [one for one in (*inner.args, reason) if isinstance(one, BaseException)]
        inner = args[0] if args else inner.__cause__ or inner.__context__


def _answer(status: int, host: str) -> Cause:
    text, fix = _HTTP.get(status, (f"it answers HTTP {status}", "It may be overloaded: wait."))
    return Cause(f"{host}: {text}", fix)


def _tls(error: ssl.SSLError, host: str) -> Cause:
    reason = getattr(error, "verify_message", "") or error.reason or str(error)
    fix = "Does a proxy decrypt TLS? Then name its certificate in REQUESTS_CA_BUNDLE."
    if "expired" in reason or "not yet valid" in reason:
        fix = "Is this machine's clock right?"
    return Cause(f"TLS with {host} fails: {reason}", fix)
