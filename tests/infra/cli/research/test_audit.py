"""The audits on facts: what they compare, and the error of an interrupted replay."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from signalengine.facts.stream import BarsFact, HistoryFact, encode
from signalengine.policy import default_policy

from infra.cli.research.audit import computed_again, facts_of
from infra.errors import CommandError
from ingest_task.backfill.warm_up import FACT_BARS
from tests.research.backtest.markets import Stream, market

POLICY = default_policy()


def written(folder: Path, facts: Stream) -> Path:
    target = folder / "facts.jsonl"
    target.write_bytes(b"".join(encode(fact) + b"\n" for fact in facts))
    return target


def sent(facts: Stream) -> Iterator[BarsFact | HistoryFact]:
    """As the ingest task sends them: long histories in parts."""
    for fact in facts:
        if isinstance(fact, BarsFact):
            yield fact
            continue
        for at in range(0, len(fact.bars), FACT_BARS):
            yield replace(fact, bars=fact.bars[at : at + FACT_BARS])


def test_an_archive_is_computed_again_symbol_by_symbol(tmp_path: Path) -> None:
    streams = {symbol: list(sent(facts)) for symbol, facts in market(3, 4100).items()}
    archive = written(tmp_path, [fact for stream in streams.values() for fact in stream])
    facts = facts_of(archive)
    assert facts == streams
    assert [run.symbol for run in computed_again(facts, POLICY, None, [])] == list(streams)


def test_a_task_restarted_during_a_replay_is_reported_with_the_fix(tmp_path: Path) -> None:
    """Its second warm-up contains minutes without a bar on the stream."""
    stream = list(sent(market(3, 4300)["BTCUSDT"]))
    first = [fact for fact in stream if isinstance(fact, HistoryFact)]
    found = [fact for fact in stream if isinstance(fact, BarsFact)]
    missed = HistoryFact("BTCUSDT", "1m", tuple(f.bars[0] for f in found[100:110]), "live")
    torn = [*first, *found[:100], missed, *found[110:]]
    facts = facts_of(written(tmp_path, torn))
    with pytest.raises(CommandError) as caught:
        computed_again(facts, POLICY, None, [])
    words = str(caught.value)
    assert "BTCUSDT: a history brings bars up to 2025-05-21 20:30" in words
    assert "run the audit again" in words
