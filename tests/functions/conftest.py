"""The functions with their real handlers, on an AWS in this process."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from signalengine.signals import Signal
from signalengine_aws.api.reading import reading

from tests.aws.world import World, emptied, new_world
from tests.functions.seeded_tables import live


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
