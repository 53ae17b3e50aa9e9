"""One simulated market, played once through the deployed stack with IAM enforced."""

import io
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
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


_RUNNING = ExitStack()
_PLAYED: list[Played] = []


@pytest.fixture
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Play the market once for all tests of this folder, which may act on the system after it."""
    if not _PLAYED:
        options = replace(OPTIONS, state_dir=tmp_path_factory.mktemp("state"))
        run = played_through(options, Console(file=io.StringIO()))
        collector = _RUNNING.enter_context(run)
        seen = collector.seen(wall_s=0.0)
        _PLAYED.append(Played(collector.system, collector.listener, collector, seen, build(seen)))
    return _PLAYED[0]


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stop the system after the folder's last test: sockets are closed to other folders' tests."""
    if nextitem is None or not nextitem.path.is_relative_to(item.path.parent):
        _PLAYED.clear()
        _RUNNING.close()
