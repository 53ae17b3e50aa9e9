"""One simulated market, played once through the deployed stack with IAM enforced."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_socket
from rich.console import Console

from infra.cli.local.replay import played as played_through
from infra.local.replay.collector import ReplayCollector
from infra.local.replay.listener import Listener
from infra.local.replay.report import ReplaySnapshot, build
from infra.local.stack.options import RunOptions
from infra.local.stack.system import LocalSystem

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
OPTIONS = RunOptions(
    source="sim",
    symbols=",".join(SYMBOLS),
    start="2026-01-05T00:00",
    end="2026-01-05T02:00",
    speed="max",
    seed=7,
    auth=True,
    unpaced=True,
)


@dataclass(frozen=True, slots=True)
class Played:
    """The running system after its market ended, and what was seen until then."""

    system: LocalSystem
    listener: Listener
    collector: ReplayCollector
    seen: ReplaySnapshot
    report: dict[str, Any]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Play it; the system stays up for what the tests of the module do to it, and no longer.

    Its threads use sockets, which are closed to the tests of other folders.
    """
    pytest_socket.enable_socket()  # fixtures of a module are made before a test's own opening
    state = tmp_path_factory.mktemp("state")
    options = replace(OPTIONS, state_dir=state)
    with played_through(options, Console(file=io.StringIO())) as collector:
        seen = collector.seen(wall_s=0.0)
        yield Played(collector.system, collector.listener, collector, seen, build(seen))
