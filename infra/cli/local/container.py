"""`python -m infra.cli.local.container OPTIONS`: `signalengine up` in a container.

The system listens on the container's loopback, at the port by which the browser knows it
(`--port`); a forwarder on all interfaces, at INSIDE.
"""

import sys
from collections.abc import Sequence
from itertools import pairwise

from infra.cli import start
from infra.local.container.forwarding import Forwarder
from infra.local.container.places import DATA, INSIDE, STATE
from infra.names import LOCAL_PORT


def main() -> None:
    """Start the forwarder, then the command line in this process."""
    options = sys.argv[1:]
    Forwarder("0.0.0.0", INSIDE, port_of(options)).start()  # noqa: S104 - published on loopback only
    sys.argv = ["signalengine", *command(options)]
    start.run()


def port_of(options: Sequence[str]) -> int:
    """Return the port that the system listens on; the command line refuses what is no number."""
    given = dict(pairwise(options)).get("--port", "")
    return int(given) if given.isdecimal() else LOCAL_PORT


def command(options: Sequence[str]) -> list[str]:
    """Return the arguments of the command line; later options win."""
    port = str(LOCAL_PORT)
    return ["up", "--port", port, "--data-dir", str(DATA), "--state-dir", str(STATE), *options]


if __name__ == "__main__":
    main()
