"""A running server with all stand-ins."""

from collections.abc import Iterator

import pytest

from tests.channel_server import RunningChannels, running_channels


@pytest.fixture
def channels() -> Iterator[RunningChannels]:
    with running_channels() as running:
        yield running
