"""The HTTP proxy that the environment names, for requests to other machines.

HTTPS_PROXY, HTTP_PROXY and ALL_PROXY are read in upper and lower case. Hosts of NO_PROXY and this
machine itself are requested directly.
"""

from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from .config import ConfigError

_SCHEMES = {"ws": "http", "wss": "https"}
_DEFAULT_PORT = 80


@dataclass(frozen=True, slots=True)
class Proxy:
    """How a proxy is reached; its text has no password."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"http://{self._place}"

    @property
    def url(self) -> str:
        """Its address with user and password, as clients read it."""
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@"
        return f"http://{login if self.user else ''}{self._place}"

    @property
    def _place(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def proxy_of(url: str) -> Proxy | None:
    """Return the proxy for requests to a URL, None for a direct connection.

    Raises ConfigError when the environment names one of an unsupported kind.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return None  # not a URL: the request itself reports it
    scheme, found = _SCHEMES.get(parts.scheme, parts.scheme), getproxies()
    given = found.get(scheme) or found.get("all")
    if not given or _is_this_machine(host) or proxy_bypass(host):
        return None
    return _parsed(f"{scheme.upper()}_PROXY" if found.get(scheme) else "ALL_PROXY", given)


def _parsed(variable: str, given: str) -> Proxy:
    try:
        parts = urlsplit(given if "://" in given else f"http://{given}")
        host, port = parts.hostname, parts.port or _DEFAULT_PORT
    except ValueError:
        host, port = None, 0
    if not host or parts.scheme != "http":
        kind = f"{parts.scheme}:// is" if host else "the value is"
        raise ConfigError(
            f"{variable}: {kind} not supported; give the address of an HTTP proxy, like "
            "http://user:password@proxy.example:3128, or list the host in NO_PROXY"
        )
    return Proxy(host, port, unquote(parts.username or ""), unquote(parts.password or ""))


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rpartition(".")[2] == "localhost"
