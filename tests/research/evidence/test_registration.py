"""What is registered is whole, is not replaced, and is refused once it was edited."""

import json
from pathlib import Path

import pytest
from signalengine.intervals import DAY_MS
from signalengine.policy import default_policy
from signalengine.strategy.loading import load_shipped
from signalengine.strategy.sets import set_of

from research.evidence.errors import EvidenceError
from research.evidence.registration import (
    Spans,
    check_set,
    load_registration,
    parameters_of,
    save,
    span_from,
    split_spans,
)
from research.simulations.verdicts import BEGIN, pulse
from tests.research.evidence.samples import SPANS, registered


def test_a_registration_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = registered(tmp_path)
    assert load_registration(tmp_path / "pulse.json") == made
    assert made.spans == SPANS
    assert len(made.digest) == len(made.head) == 64


@pytest.mark.parametrize(
    ("name", "value"),
    [("hypothesis", "Something else."), ("parameter_set", "0" * 12), ("edge_bps", 1.0),
     ("at", 1), ("symbols", ["AAAUSDT"]), ("bars", "1h")],
)  # fmt: skip
def test_an_edited_registration_is_refused(tmp_path: Path, name: str, value: object) -> None:
    registered(tmp_path)
    file = tmp_path / "pulse.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), name: value}))
    with pytest.raises(EvidenceError, match="changed after it was registered"):
        load_registration(file)


def test_a_registration_from_before_bars_could_be_longer_still_holds(tmp_path: Path) -> None:
    made = registered(tmp_path)
    file = tmp_path / "pulse.json"
    raw = json.loads(file.read_text())
    assert raw.pop("bars") == "1m"
    file.write_text(json.dumps(raw))
    assert load_registration(file) == made


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"spans": 1}'])
def test_what_is_no_registration_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.json").write_text(text)
    with pytest.raises(EvidenceError, match="cannot be read"):
        load_registration(tmp_path / "other.json")


def test_a_registration_is_not_replaced(tmp_path: Path) -> None:
    made = registered(tmp_path)
    with pytest.raises(EvidenceError, match="is there already"):
        registered(tmp_path)
    with pytest.raises(EvidenceError, match="is there already"):
        save(made, tmp_path / "pulse.json")
    assert (tmp_path / "data.looks.jsonl").read_text().count("\n") == 1


def test_another_parameter_set_is_another_configuration(tmp_path: Path) -> None:
    made = registered(tmp_path)
    check_set(made, pulse())
    with pytest.raises(EvidenceError, match="another configuration"):
        check_set(made, default_policy())


def test_spans_must_follow_each_other() -> None:
    with pytest.raises(EvidenceError, match="without overlap"):
        Spans((0, 2), (1, 3), (3, 4))
    with pytest.raises(EvidenceError, match="without overlap"):
        Spans((0, 2), (2, 2), (3, 4))


def test_a_recording_is_split_at_midnights() -> None:
    spans = split_spans(BEGIN + 5, BEGIN + 10 * DAY_MS)
    assert spans.design == (BEGIN + 5, BEGIN + 6 * DAY_MS)
    assert spans.validation == (BEGIN + 6 * DAY_MS, BEGIN + 8 * DAY_MS)
    assert spans.final == (BEGIN + 8 * DAY_MS, BEGIN + 10 * DAY_MS)
    with pytest.raises(EvidenceError, match="too few"):
        split_spans(BEGIN, BEGIN + DAY_MS)


def test_a_span_is_read_from_text() -> None:
    assert span_from("2025-01-01..2025-01-03") == (BEGIN, BEGIN + 2 * DAY_MS)
    with pytest.raises(EvidenceError, match="is not a span"):
        span_from("2025-01-01")


def test_parameters_are_named() -> None:
    found = parameters_of(set_of(load_shipped("donchian"), {"parameters": {"days": 10}}))
    assert found["days"] == 10.0
    assert parameters_of(default_policy()) == {}


def test_a_folder_is_no_registration(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="is a folder"):
        load_registration(tmp_path)
