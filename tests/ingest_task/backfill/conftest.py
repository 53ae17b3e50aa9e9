"""The bench of the REST tests, with short pauses."""

from collections.abc import Iterator

import pytest

from ingest_task.backfill import open_interest, repairs, rest
from tests.ingest_task.backfill.bench import Bench
from tests.ingest_task.small_exchange import small_exchange


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(rest, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(repairs, "LONGEST_PAUSE_S", 0.001)
    monkeypatch.setattr(open_interest, "MIN_ROUND_S", 0.001)
    with small_exchange() as exchange:
        bench = Bench(exchange)
        yield bench
        bench.stop.set()
