"""One bench for the tests of a file: a market's warm-up takes longer than a schedule."""

from collections.abc import Iterator

import pytest

from infra.local.chaos.model.bench import Bench


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench().installed() as made:
        yield made
