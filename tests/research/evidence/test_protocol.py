"""Registered, examined, looked at once; what was done is in the file of looks."""

import json
from pathlib import Path

import pytest
from signalengine.intervals import DAY_MS
from signalengine.policy import default_policy

from research.evidence.errors import EvidenceError
from research.evidence.looks import read_looks
from research.evidence.protocol import examine, power_sentence, register
from research.evidence.registration import Spans
from research.simulations.verdicts import BEGIN, DAYS, market, pulse
from research.sweeps.results import Results
from research.sweeps.tasks import Task, blank_row
from tests.research.evidence.samples import (
    NOW,
    SPANS,
    examination,
    registered,
    short_market,
)


@pytest.fixture(scope="module")
def tables():
    return short_market()


def test_design_and_validation_do_not_read_the_final_span(tmp_path: Path, tables) -> None:
    registered(tmp_path)
    short = [table.between(None, SPANS.final[0]) for table in tables]
    one = examination(tmp_path, tables, look=False)
    two = examination(tmp_path, short, look=False)
    assert one.final is None
    assert one.found.verdict == "not looked at"
    assert one.to_dict()["spans"] == two.to_dict()["spans"]


def test_a_second_look_is_in_the_statement(tmp_path: Path, tables) -> None:
    made = registered(tmp_path)
    first = examination(tmp_path, tables, look=True)
    second = examination(tmp_path, tables, look=True)
    assert first.remarks == ("This is the first look at the final span.",)
    assert "look 2 at the final span" in second.statement
    assert "look 2" not in first.statement
    looks = read_looks(tmp_path / "data.looks.jsonl")
    measured = ["design and validation", "final"]
    assert [one.kind for one in looks.entries] == ["registration", *measured, *measured]
    assert looks.entries[1].end == SPANS.final[0]
    assert looks.head == second.look.digest
    assert looks.entries[0].digest == made.head
    json.dumps(second.to_dict())
    assert (first.found.reached, second.found.reached) == (first.found.verdict,) * 2
    assert (first.validity.holds, second.validity.holds) == (True, False)
    assert first.looks == looks.entries[:3]


def test_an_edge_that_was_planted_is_shown_once(tmp_path: Path) -> None:
    """The same numbers at the second look claim nothing."""
    tables = market(36.0, 1)
    cuts = [BEGIN + DAY_MS * sum(DAYS[: k + 1]) for k in range(len(DAYS))]
    spans = Spans((cuts[0], cuts[1]), (cuts[1], cuts[2]), (cuts[2], cuts[3]))
    registered(tmp_path, at=cuts[3], spans=spans)
    first, second = (examination(tmp_path, tables, look=True) for _ in range(2))
    assert (first.found.verdict, second.found.verdict) == ("shown", "not valid")
    assert second.statement.startswith(
        'Not valid: this is look 2 at the final span. "Shown" cannot be claimed.'
    )
    assert first.final is not None
    assert second.final is not None
    assert first.final.mean_net == second.final.mean_net


def test_other_files_than_were_registered_are_not_looked_at(tmp_path: Path, tables) -> None:
    """The look would be spent on a verdict that cannot be valid."""
    registered(tmp_path)
    short = [table.between(None, SPANS.final[0]) for table in tables]
    before = read_looks(tmp_path / "data.looks.jsonl")
    (tmp_path / "data" / "AAA_USDT_USDT-1m-futures.feather").write_bytes(b"more")
    with pytest.raises(EvidenceError, match=r"AAAUSDT are not those .* was not looked at now"):
        examination(tmp_path, tables, look=True)
    assert read_looks(tmp_path / "data.looks.jsonl") == before
    design = examination(tmp_path, short, look=False)
    assert "The files of AAAUSDT are not those that were registered." in design.remarks


def test_a_look_that_fails_counts(tmp_path: Path, tables) -> None:
    registered(tmp_path)
    with pytest.raises(EvidenceError, match="no bars"):
        examination(tmp_path, [one.between(None, SPANS.final[0]) for one in tables], look=True)
    assert "look 2" in examination(tmp_path, tables, look=True).statement


def test_another_parameter_set_is_refused_and_leaves_no_look(tmp_path: Path, tables) -> None:
    registered(tmp_path)
    with pytest.raises(EvidenceError, match="another configuration"):
        examine(
            tmp_path / "pulse.json", tmp_path / "data", default_policy(), tables,
            tmp_path / "sweeps", look=True, now=NOW,
        )  # fmt: skip
    assert len(read_looks(tmp_path / "data.looks.jsonl").entries) == 1


def test_what_sweeps_tried_deflates(tmp_path: Path, tables) -> None:
    registered(tmp_path)
    rows = [
        blank_row(Task(f"p{n}", "{}", {}, "AAAUSDT", 0, 1), "e") | {"strategy": "pulse"}
        for n in range(20)
    ]
    Results(tmp_path / "sweeps").add(rows)
    found = examination(tmp_path, tables, look=False)
    assert found.tried == found.design.found.tried == 21


@pytest.mark.parametrize(("hypothesis", "edge"), [(" ", 10.0), ("Rises.", 0.0)])
def test_a_question_needs_an_expectation(tmp_path: Path, hypothesis: str, edge: float) -> None:
    with pytest.raises(EvidenceError, match=r"needed|above zero"):
        register(
            tmp_path / "r.json", tmp_path, pulse(), ["AAAUSDT"], SPANS, hypothesis=hypothesis,
            edge_bps=edge, now=NOW,
        )  # fmt: skip
    assert not (tmp_path.parent / f"{tmp_path.name}.looks.jsonl").exists()


def test_half_the_edge_needs_four_times_the_days(tmp_path: Path, tables) -> None:
    registered(tmp_path)
    found = examination(tmp_path, tables, look=False)
    sentences = [power_sentence(found.trades, found.draws, x) for x in (1.0, 0.5)]
    years = [float(text.split("would need ")[1].split(" ")[0]) for text in sentences]
    assert years[1] == pytest.approx(4 * years[0], rel=0.1)
