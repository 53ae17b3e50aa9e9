"""One simulated market, played once through the deployed stack with IAM enforced."""

import io
import json
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
from rich.console import Console
from signalengine.strategy.lifecycle import Registered

from infra.assets import ROOT
from infra.cli.local.replay import play, started
from infra.local.permissions.emulator import physical_names, used
from infra.local.permissions.grants import Grant
from infra.local.permissions.page import PAGE, read
from infra.local.replay.collector import ReplayCollector
from infra.local.replay.listener import Listener
from infra.local.replay.report import ReplaySnapshot, build
from infra.local.stack.assembly import synthesise
from infra.local.stack.options import RunOptions
from infra.local.stack.system import LocalSystem
from infra.names import STACK
from tests.functions.enforced import Seen
from tests.research.backtest.sets import CHANNEL_5M, RULES, channel

from .stand_ins import prepare

NEAR = channel(reach=0.001)
"""A strategy of the tests, in shadow beside `classic`."""
TEXT = json.dumps(
    {"strategy": "channel", "parameters": {"reach": 0.001, "bars": 3}, "rules": RULES}
)
SETS = (Registered("channel", "shadow", TEXT, NEAR.digest, version=1),)
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
OPTIONS = RunOptions(
    source="sim",
    symbols=",".join(SYMBOLS),
    start="2026-01-05T00:00",
    end="2026-01-05T02:00",
    speed="max",
    seed=7,
    unpaced=True,
    channels=True,
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
_FAILED: list[str] = []
"""The tests that failed with the present system."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember a failure."""
    report = yield
    if report.failed:
        _FAILED.append(item.nodeid)
    return report


def _stop() -> None:
    """Stop the system, if there is one."""
    for of_one_system in (_FAILED, _PLAYED, _NAMES, _BEFORE):
        of_one_system.clear()
    _RUNNING.close()


@pytest.fixture
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Play the market once for all tests of this folder, which may act on the system after it.

    What follows a failure, like the test's second try, gets a new system.
    """
    if _FAILED:
        _stop()
    if not _PLAYED:
        folder = tmp_path_factory.mktemp("strategies")
        (folder / "channel.py").write_text(CHANNEL_5M, encoding="utf-8")
        options = replace(
            OPTIONS, state_dir=tmp_path_factory.mktemp("state"), strategies=folder, registered=SETS
        )
        out = Console(file=io.StringIO())
        collector = _RUNNING.enter_context(started(options, out))
        prepare(collector.system)
        play(options, collector, out)
        seen = collector.seen(wall_s=0.0)
        _PLAYED.append(Played(collector.system, collector.listener, collector, seen, build(seen)))
    return _PLAYED[0]


USED_WITHIN_S = 90.0
"""Longer than a minute, in which each schedule comes once."""
_RIGHTS = read(PAGE.read_text())
_SEEN = Seen()


@pytest.fixture(autouse=True)
def rights(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that docs/permissions.md names for a right has the embedded AWS see it used."""
    yield
    if _PLAYED:
        test = (request.path.relative_to(ROOT).as_posix(), request.node.originalname)
        due = {grant for grant, tests in _RIGHTS.items() if test in tests}
        found, until = used_so_far(), time.monotonic() + USED_WITHIN_S
        while not due <= found and time.monotonic() < until:
            time.sleep(1.0)  # the emulator only logs a call: the whole log is read each time
            found = used_so_far()
        _SEEN.add("::".join(test), found - _BEFORE)
        _BEFORE.update(found)
        assert due - found == set(), "docs/permissions.md says that this was used"


def used_so_far() -> set[Grant]:
    """The rights that the embedded AWS has seen used."""
    system = _PLAYED[0].system
    if not _NAMES:
        cloudformation = system.aws.client("cloudformation")
        resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        outputs = _PLAYED[0].system.outputs
        _NAMES.update(
            physical_names(
                synthesise(strategies=system.options.strategies).template, resources, outputs
            )
        )
    log = (system.options.state_dir / "logs" / "aws.log").read_text(errors="replace")
    return used(log, _NAMES, _RIGHTS)


_NAMES: dict[str, str] = {}
_BEFORE: set[Grant] = set()
"""What was used by the end of the test before."""


def pytest_sessionfinish() -> None:
    """Leave what was used for those who ask for it."""
    _SEEN.write()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    """Stop the system after the folder's last test: sockets are closed to other folders' tests."""
    try:
        return (yield)
    finally:
        if nextitem is None or not nextitem.path.is_relative_to(item.path.parent):
            _stop()
