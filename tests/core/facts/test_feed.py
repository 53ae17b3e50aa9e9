"""What the feed reports of itself: read back as written, by older and newer writers."""

import json
from dataclasses import replace

import pytest
from signalengine.errors import MalformedFactError
from signalengine.facts.feed import (
    GapFact,
    HeartbeatFact,
    gap_body,
    heartbeat_body,
    read_gap,
    read_heartbeat,
)

from ..fact_samples import SAMPLES

HEARTBEAT = next(fact for fact in SAMPLES.values() if isinstance(fact, HeartbeatFact))
GAP = next(fact for fact in SAMPLES.values() if isinstance(fact, GapFact))


def test_a_heartbeat_is_read_as_it_was_written() -> None:
    assert read_heartbeat(json.loads(json.dumps(heartbeat_body(HEARTBEAT)))) == HEARTBEAT


def test_a_ledger_entry_is_read_as_it_was_written() -> None:
    assert read_gap(json.loads(json.dumps(gap_body(GAP)))) == GAP


@pytest.mark.parametrize(
    "field", ["task", "reconnects", "silent", "skew_ms", "holder", "counts", "tick_sizes"]
)
def test_a_field_that_an_older_writer_lacks_has_its_default(field: str) -> None:
    body = heartbeat_body(HEARTBEAT)
    del body[field]
    read = read_heartbeat(body)
    assert not getattr(read, field)
    assert replace(read, **{field: getattr(HEARTBEAT, field)}) == HEARTBEAT


@pytest.mark.parametrize("field", ["time", "market", "task", "stream", "start", "outcome"])
def test_an_entry_without_a_field_it_needs_is_refused(field: str) -> None:
    body = gap_body(GAP)
    del body[field]
    with pytest.raises(MalformedFactError):
        read_gap(body)


def test_only_an_entry_with_lost_bars_counts_them() -> None:
    lost = replace(GAP, outcome="lost", bars_missing=5, bars_repaired=2)
    assert lost.bars_lost == 3
    assert replace(lost, outcome="repaired").bars_lost == 0


def test_later_entries_have_greater_keys() -> None:
    later = replace(GAP, noticed_at=GAP.noticed_at + 1)
    assert later.gap_id > GAP.gap_id
    assert replace(GAP, outcome="repaired").gap_id == GAP.gap_id
