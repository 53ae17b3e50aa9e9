"""The functions with their real handlers, on an AWS in this process."""

import sys
from collections.abc import Iterator

import pytest

from tests.aws.world import World, new_world


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A fresh AWS, with the functions' environment and clock, and no process alive."""
    forget_processes()
    with new_world(monkeypatch) as fresh:
        yield fresh
    forget_processes()


def forget_processes() -> None:
    """Forget what handlers keep between invocations."""
    for name, module in sys.modules.items():
        if name.startswith("functions.") and name.endswith(".handler"):
            for kept in vars(module).values():
                if hasattr(kept, "cache_clear"):
                    kept.cache_clear()


class Context:
    """What the handlers use of Lambda's context."""

    aws_request_id = "request"


@pytest.fixture
def context() -> Context:
    return Context()
