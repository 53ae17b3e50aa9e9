"""Which requests a server on loopback answers: those of this machine, not those of foreign pages.

A page of any site can make its reader's browser send requests to this machine, so listening on
loopback is not enough. Three headers, which a page cannot forge, say where a request comes from:

| header | accepted |
|---|---|
| `Host` | `localhost` or a loopback address, with the server's port |
| `Origin` | none, or the server's own |
| `Sec-Fetch-Site` | none, `same-origin`, or `none` (an address that was typed or opened) |

Programs send neither of the last two. Standard library only: the embedded AWS loads this file too.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import Final

_HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::([0-9]{1,5}))?")
_HTTP_PORT: Final = 80
_ARRIVALS: Final = ("same-origin", "none")
ISOLATION: Final = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
"""Headers of every answer, refusals too: a page of another origin cannot even tell that there is
one, and a browser that sends no `Sec-Fetch-Site` embeds none."""
Headers = Iterable[tuple[str, str]]
"""Names in lower case, each with its value; a repeated header comes more than once."""


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine by its address, or is `localhost`.

    127.evil.example is a name, and whoever owns it decides where it points.
    """
    try:
        address = ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback


def refusal(headers: Headers, port: int, *, page: bool = False, any_host: bool = False) -> str:
    """Return why a request is refused, "" if it is answered.

    `page`: a page that other sites may link to, so a reader may arrive from them. `any_host`: the
    server listens on other addresses too, so its Host cannot be checked.
    """
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name, []).append(value.strip().lower())
    hosts = found.get("host", [])
    if len(hosts) != 1 or not (any_host or _is_this_server(hosts[0], port)):
        return "this server is for this machine only: Host must be localhost or a loopback address"
    if any(origin != f"http://{hosts[0]}" for origin in found.get("origin", [])):
        return "requests of other origins are refused"
    sites = found.get("sec-fetch-site", [])
    if any(site not in _ARRIVALS for site in sites) and not (page and _is_arrival(found)):
        return "requests of other sites are refused"
    return ""


def is_of_a_browser(headers: Headers) -> bool:
    """Return whether a page sent the request: programs send no such headers."""
    return any(name == "origin" or name.startswith("sec-fetch-") for name, _ in headers)


def _is_this_server(host: str, port: int) -> bool:
    match = _HOST.fullmatch(host)
    if match is None:
        return False
    name, its_port = match[1].strip("[]"), int(match[2] or _HTTP_PORT)
    return is_loopback(name) and its_port == port


def _is_arrival(found: dict[str, list[str]]) -> bool:
    """Return whether a reader opens the page in a tab: nothing of it reaches the page before."""
    modes, places = found.get("sec-fetch-mode"), found.get("sec-fetch-dest")
    return modes == ["navigate"] and places == ["document"]
