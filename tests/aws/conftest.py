"""The layer on an AWS in this process."""

from collections.abc import Iterator

import pytest

from tests.aws.world import World, emptied, new_world


@pytest.fixture(scope="module")
def aws() -> Iterator[World]:
    """One AWS for a file of tests: to make one takes longer than most of them."""
    with new_world() as made:
        yield made


@pytest.fixture
def world(aws: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An empty AWS, with the functions' environment and clock."""
    with emptied(aws, monkeypatch) as fresh:
        yield fresh
