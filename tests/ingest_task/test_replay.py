"""Two replays of one market are the same facts, at full speed and at any other."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from signalengine.facts.stream import BarsFact

from ingest_task.config import read_settings
from ingest_task.task import Task
from tests.infra.local.exchange.samples import MIDNIGHT, kline_rows, recorded, served, simulated
from tests.infra.local.exchange.samples import write_klines as write
from tests.ingest_task.samples import MemoryStream

pytestmark = pytest.mark.slow

MINUTES = 25
SYMBOLS = "BTCUSDT,DOGEUSDT"
MINUTE_MS = 60_000


def play(market: str, source: Path | None, speed: float | None, spool: Path) -> list[BarsFact]:
    """Play a market through the real task; returns its bars without the fields that may differ."""
    opened = (
        simulated(SYMBOLS, MINUTES)
        if source is None
        else recorded(source, MIDNIGHT, MIDNIGHT + MINUTES * MINUTE_MS)
    )
    stream, stop = MemoryStream(), threading.Event()
    count = MINUTES * len(opened.instruments)
    with served(opened, speed) as server:
        environment = {
            "FEED_STREAM": "feed", "SYMBOLS": ",".join(opened.instruments), "MARKET": market,
            "SPOOL_DIR": str(spool), "AWS_REGION": "eu-central-1",
            "BINANCE_REST_BASE": f"http://127.0.0.1:{server.port}",
            "BINANCE_WS_BASE": f"ws://127.0.0.1:{server.port}",
        }  # fmt: skip
        task = Task(read_settings(environment), stream, stop)
        thread = threading.Thread(target=task.run, args=(lambda _line: None,))
        thread.start()
        try:
            stream.wait(lambda taken: len(taken.facts(BarsFact)) >= count, timeout=30)
        finally:
            stop.set()
            thread.join(15)
    facts = [
        replace(fact, sent_at=0, quality=replace(fact.quality, stream_age_ms=None))
        for fact in stream.facts(BarsFact)
    ]
    return sorted(facts, key=lambda fact: (fact.symbol, fact.close_time))


def without_path(fact: BarsFact) -> BarsFact:
    """Return a fact without its path: a busy machine paces extremes a second late."""
    return replace(fact, path=None)


def test_a_simulated_market_is_the_same_facts_at_any_speed(tmp_path: Path) -> None:
    facts = play("simulated", None, None, tmp_path / "one")
    assert play("simulated", None, None, tmp_path / "two") == facts
    paced = play("simulated", None, 600.0, tmp_path / "three")
    assert list(map(without_path, paced)) == list(map(without_path, facts))
    assert all(fact.path is not None for fact in paced)
    assert all(fact.open_interest_time == fact.close_time for fact in facts)
    assert all(fact.path and fact.path[0].second == 1 for fact in facts)
    assert len({fact.open_interest for fact in facts}) > MINUTES
    assert any(fact.liq_long_usd or fact.liq_short_usd for fact in facts)


@pytest.mark.parametrize("speed", [None, 900.0])
def test_a_recorded_bar_has_the_open_interest_of_its_files_at_its_close(
    tmp_path: Path, speed: float | None
) -> None:
    start = MIDNIGHT - 60 * MINUTE_MS
    write(tmp_path, "AAAUSDT", kline_rows(start, 60 + MINUTES))
    rows = [f"2025-05-19 00:{m:02d}:00,AAAUSDT,{1000 + m}.5,1" for m in (0, 5)]
    (tmp_path / "AAAUSDT-metrics-2025-05-19.csv").write_text(
        "\n".join(["create_time,symbol,sum_open_interest,sum_open_interest_value", *rows]) + "\n"
    )
    facts = play("recording", tmp_path, speed, tmp_path / "spool")
    known = [fact.open_interest for fact in facts]
    assert known == [None] * 4 + [1000.5] * 5 + [1005.5] * 6 + [None] * 10
    assert {fact.path for fact in facts} == {None}
