"""The proxy of the environment, for this process and its children.

Every client and tool reads these variables in its own way. `unify` writes them so that all do the
same: this machine is requested directly, everything else through the proxy.

Imports the standard library alone: the set-up uses it before anything is installed.
"""

import socket
from collections.abc import Mapping, MutableMapping
from urllib.parse import SplitResult, urlsplit

DIRECT = ("localhost", ".localhost", "127.0.0.1", "127.0.0.0/8", "::1")
"""This machine, as the entries of NO_PROXY that the various clients understand."""
CONNECT_S = 3.0
_DEFAULT_PORT = 80


def unify(environ: MutableMapping[str, str]) -> None:
    """Write the proxy in both cases and for both schemes, and this machine into NO_PROXY."""
    common = _given(environ, "all")
    found = {scheme: _given(environ, scheme) or common for scheme in ("http", "https")}
    if not any(found.values()):
        return
    for scheme, text in found.items():
        parts = _parts(text)
        if text and parts is not None and parts.scheme == "http":
            login = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
            address = f"http://{login}{_host(parts)}:{parts.port or _DEFAULT_PORT}"
            environ[f"{scheme}_proxy"] = environ[f"{scheme.upper()}_PROXY"] = address
    excepted = [word.strip() for word in _given(environ, "no").split(",") if word.strip()]
    if "*" not in excepted:
        excepted += [name for name in DIRECT if name not in excepted]
    environ["no_proxy"] = environ["NO_PROXY"] = ",".join(excepted)


def problem(environ: Mapping[str, str]) -> str | None:
    """Return why requests to other machines cannot succeed: the proxy is away or of another kind.

    Takes some seconds when it does not answer.
    """
    name = next((s for s in ("https", "http", "all") if _given(environ, s)), None)
    if name is None or _given(environ, "no").strip() == "*":
        return None
    variable, parts = f"{name.upper()}_PROXY", _parts(_given(environ, name))
    if parts is None or parts.scheme != "http":
        kind = "its value" if parts is None else f"{parts.scheme}://"
        return f"{variable}: {kind} is not supported: set it to the http:// address of a proxy"
    address = f"{_host(parts)}:{parts.port or _DEFAULT_PORT}"
    try:
        place = (parts.hostname or "", parts.port or _DEFAULT_PORT)
        socket.create_connection(place, CONNECT_S).close()
    except OSError as error:
        reason = str(error.strerror or error)
        return f"the proxy {address} does not answer ({reason}): start it, or unset {variable}"
    return None


def _given(environ: Mapping[str, str], scheme: str) -> str:
    """Return a variable's value; the lower-case one takes precedence, as everywhere."""
    return environ.get(f"{scheme}_proxy") or environ.get(f"{scheme.upper()}_PROXY") or ""


def _parts(text: str) -> SplitResult | None:
    """Return the parts of a proxy's address, None if it has no host or no valid port."""
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if named else None


def _host(parts: SplitResult) -> str:
    return f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
