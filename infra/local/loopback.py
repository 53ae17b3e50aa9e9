"""Which hosts are this machine."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine: a loopback address, `localhost` or a name below it.

    Names below `localhost` are reserved for loopback (RFC 6761); 127.evil.example is a name.
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rpartition(".")[2] == "localhost"
