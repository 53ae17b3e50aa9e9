"""Logs: one JSON object a line, and frequent events counted."""

import json
import logging

import pytest

from ingest_task.logs import JsonLines, Log, Repeats


def test_an_event_is_one_json_line_with_its_fields(caplog: pytest.LogCaptureFixture) -> None:
    log = Log("tested")
    with caplog.at_level(logging.INFO, "ingest_task.tested"):
        log.warning("disconnected", shard=1, reason="cut")
        try:
            int("made for this test")
        except ValueError:
            log.failure("failed", trace=True)
    first, second = (json.loads(JsonLines().format(record)) for record in caplog.records)
    assert (first["event"], first["level"], first["shard"]) == ("disconnected", "WARNING", 1)
    assert first["logger"] == "ingest_task.tested"
    assert first["time"].endswith("Z")
    assert "made for this test" in second["error"]


def test_a_line_cannot_control_a_terminal(caplog: pytest.LogCaptureFixture) -> None:
    """Reasons and symbols come from outside."""
    text = "a\x1b\x9b2J\x7f\u202e\u2066\u2028\ud800 币安 \U000e0041"
    with caplog.at_level(logging.INFO, "ingest_task.tested"):
        Log("tested").warning("refused", reason=text, **{text: 1})
    (line,) = (JsonLines().format(record) for record in caplog.records)
    assert line.isprintable()
    assert (json.loads(line)["reason"], json.loads(line)[text]) == (text, 1)


def test_repeated_events_are_counted_and_rarely_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("ingest_task.logs.time.monotonic", lambda: now[0])
    repeats = Repeats(every_s=10.0)
    assert [repeats.due() for _ in range(3)] == [True, False, False]
    now[0] += 10.0
    assert repeats.due()
    assert repeats.count == 4
