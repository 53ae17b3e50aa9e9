"""The layer on an AWS in this process."""

from collections.abc import Iterator

import pytest

from tests.aws.world import World, new_world


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A fresh AWS, with the functions' environment and clock."""
    with new_world(monkeypatch) as fresh:
        yield fresh
