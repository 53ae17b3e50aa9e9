"""The functions with their real handlers, on an AWS in this process."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from signalengine.signals import Signal
from signalengine_aws.api.reading import reading

from infra.assets import ROOT
from infra.local.permissions.drill import lacking
from tests.aws.world import CHECKS, World, emptied, new_world
from tests.functions.enforced import Rights, Seen, granted, handlers, with_role
from tests.functions.seeded_tables import live

RIGHTS = Rights(granted())
SEEN = Seen()
CHECKS.append(RIGHTS.check)


@pytest.fixture(autouse=True)
def rights(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Handlers have the rights of their roles; a test uses those that it is named for."""
    file = request.path.relative_to(ROOT).as_posix()
    name = request.node.originalname
    failed = request.session.testsfailed
    RIGHTS.used, RIGHTS.refused = set(), set()
    RIGHTS.removed = lacking(f"{file}::{name}")
    for role, module in handlers().items():
        monkeypatch.setattr(module, "invocation", with_role(RIGHTS, role, module.invocation))
    yield
    SEEN.add(f"{file}::{name}", RIGHTS.used)
    assert RIGHTS.refused == set(), "a function may not do that: docs/permissions.md"
    if request.session.testsfailed == failed:
        unused = RIGHTS.named_for(file, name) - RIGHTS.used
        assert unused == set(), "docs/permissions.md names this test for a right it does not use"


def pytest_sessionfinish() -> None:
    """Leave what was used for those who ask for it."""
    SEEN.write()


@pytest.fixture(scope="module")
def aws() -> Iterator[World]:
    """One AWS for a file of tests: to make one takes longer than most of them."""
    with new_world() as made:
        yield made


@pytest.fixture
def world(aws: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An empty AWS, with the functions' environment and clock, and no process alive."""
    forget_processes()
    with emptied(aws, monkeypatch) as fresh:
        yield fresh
    forget_processes()


@dataclass(frozen=True, slots=True)
class Seeded:
    """A world with stored data of the engine, and the signals it opened."""

    world: World
    signals: list[Signal]


@pytest.fixture(scope="module")
def seeded() -> Iterator[Seeded]:
    """One engine's life for all tests of a file that only read."""
    with new_world() as world, pytest.MonkeyPatch.context() as patch, emptied(world, patch):
        forget_processes()
        yield Seeded(world, live(world))
        forget_processes()


def forget_processes() -> None:
    """Forget what handlers keep between invocations."""
    reading.cache_clear()
    for name, module in sys.modules.items():
        if name.startswith("functions.") and name.endswith(".handler"):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


class Context:
    """What the handlers use of Lambda's context."""

    aws_request_id = "request"


@pytest.fixture
def context() -> Context:
    return Context()
