"""The port of the front server, taken before anything starts.

It is bound first and listens when all is ready, so that a taken port is reported at once.
"""

import errno
import socket
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

import psutil

from infra.errors import CommandError
from ingest_task.loopback import is_loopback

NEXT_PORTS: Final = 20
"""How many ports behind a taken one are tried for a proposal."""
TOKEN_CHARS: Final = 16
_ANY: Final = ("0.0.0.0", "::")  # noqa: S104 - named, not bound
_OURS: Final = "infra.cli"


def checked_host(host: str, token: str) -> str:
    """Return an address of this machine to listen on; raises CommandError.

    Beyond loopback, where everyone in the network can reach the API, it needs a token.
    """
    host = "127.0.0.1" if host == "localhost" else host
    try:
        ip_address(host)
    except ValueError:
        raise CommandError(
            f"--host {host} is not an IP address", "Give one, such as 127.0.0.1 or 0.0.0.0."
        ) from None
    if not is_loopback(host) and len(token) < TOKEN_CHARS:
        raise CommandError(
            f"--host {host} opens the API to the network: it needs a token of {TOKEN_CHARS} "
            "characters or more",
            "Set SIGNALENGINE_TOKEN to a random text, or leave --host out.",
        )
    return host


def name_of(host: str) -> str:
    """Return the host of the addresses that are printed for an address to listen on."""
    if is_loopback(host) or host in _ANY:
        return "localhost"
    return f"[{host}]" if ":" in host else host


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that has a port (0: a free one), and does not listen yet.

    Raises CommandError, which says who has the port as far as that is known.
    """
    try:
        return _bound(host, port)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
            raise
        raise refused(host, port, error) from None


def refused(host: str, port: int, error: OSError) -> CommandError:
    """Return the error for a port that cannot be had."""
    if error.errno == errno.EADDRNOTAVAIL:
        return CommandError(f"this machine does not have the address {host}", "Leave --host out.")
    free = _next_free(host, port)
    fix = f"Use another: signalengine up --port {free}"
    if error.errno == errno.EACCES:
        return CommandError(f"port {port} is for the system's own services", fix)
    return CommandError(f"port {port} is taken by {holder_of(port)}", fix)


def holder_of(port: int) -> str:
    """Return the program that listens on a port, as far as this user may know."""
    with suppress(psutil.Error, OSError):  # macOS shows other programs' sockets to root only
        for one in psutil.net_connections("tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr[1:2] == (port,) and one.pid:
                return f"{_program(one.pid)} (process {one.pid})"
    return "another program"


def _program(pid: int) -> str:
    process = psutil.Process(pid)
    with suppress(psutil.Error):
        words = process.cmdline()
        if any(_OURS in word or word.endswith("/signalengine") for word in words):
            return "another SignalEngine"
    return process.name()


def _next_free(host: str, port: int) -> int:
    """Return a free port, one of the next ones if possible."""
    for candidate in (*range(port + 1, min(port + 1 + NEXT_PORTS, 65_536)), 0):
        if candidate >= 1024 or candidate == 0:
            with suppress(OSError), _bound(host, candidate) as found:
                return int(found.getsockname()[1])
    return 0


def _bound(host: str, port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that just ended
        found.bind((host, port))
    except BaseException:
        found.close()
        raise
    return found
