"""A second look, a deleted file and changed data are said in words."""

from dataclasses import replace
from pathlib import Path

import pytest

from research.evidence import integrity
from research.evidence.looks import Kind, Looks, add_look, read_looks
from research.evidence.registration import load_registration
from research.evidence.related import claims_beside
from tests.research.evidence.samples import NOW, SPANS, registered


def looks(folder: Path) -> Looks:
    return read_looks(folder / "data.looks.jsonl")


def look_at(
    folder: Path,
    strategy: str = "pulse",
    final: tuple[int, int] = SPANS.final,
    kind: Kind = "final",
    at: int = SPANS.final[1],
) -> None:
    folder.mkdir(exist_ok=True)
    add_look(
        folder / "data.looks.jsonl", kind, at=at, strategy=strategy,
        parameter_set="abc", registration="r", span=final,
    )  # fmt: skip


def test_a_whole_file_says_nothing(tmp_path: Path) -> None:
    made = registered(tmp_path)
    assert integrity.broken(looks(tmp_path), made, []) == []
    assert integrity.earlier(looks(tmp_path), made) == ["This is the first look at the final span."]


def test_earlier_looks_are_counted(tmp_path: Path) -> None:
    made = registered(tmp_path)
    look_at(tmp_path)
    look_at(tmp_path, strategy="pulse@fast", final=(SPANS.final[0] + 1, SPANS.final[1]))
    look_at(tmp_path, final=SPANS.design)
    look_at(tmp_path, strategy="other")
    first, second = integrity.earlier(looks(tmp_path), made)
    assert first.startswith("This is look 3 at the final span")
    assert second == (
        "other looked at the final span after this was registered, and counts as tried."
    )
    found = integrity.validity(looks(tmp_path), made, recorded=True)
    assert found.faults == ("this is look 3 at the final span",)


@pytest.mark.parametrize("kind", ["final", "design and validation"])
def test_what_was_registered_after_another_strategys_look_was_chosen_by_it(
    tmp_path: Path, kind: Kind
) -> None:
    look_at(tmp_path, strategy="other", kind=kind)
    made = registered(tmp_path)
    (said,) = integrity.earlier(looks(tmp_path), made)
    assert said.startswith("other looked at the final span before this was registered")
    assert integrity.validity(looks(tmp_path), made, recorded=True).chosen_after == ("other",)


def test_a_final_span_that_was_validation_before_is_no_final_span(tmp_path: Path) -> None:
    """Spans that are moved after a look do not make a first look of it."""
    made = registered(tmp_path)
    before = (SPANS.design[0], SPANS.validation[1])
    look_at(tmp_path, final=before, kind="design and validation")
    assert integrity.validity(looks(tmp_path), made, recorded=True).holds
    look_at(tmp_path, final=(before[0], before[1] + 1), kind="design and validation")
    (said,) = integrity.earlier(looks(tmp_path), made)
    assert said == "A part of the final span was design or validation of an earlier registration."
    (fault,) = integrity.validity(looks(tmp_path), made, recorded=True).faults
    assert fault == "a part of the final span was design or validation before"


def test_a_deleted_file_is_said(tmp_path: Path) -> None:
    made = registered(tmp_path)
    (tmp_path / "data.looks.jsonl").unlink()
    assert "is gone" in integrity.broken(looks(tmp_path), made, [])[0]
    look_at(tmp_path)  # begun again
    assert "deleted, begun again" in integrity.broken(looks(tmp_path), made, [])[0]


def test_a_changed_file_is_said(tmp_path: Path) -> None:
    made = registered(tmp_path)
    look_at(tmp_path)
    file = tmp_path / "data.looks.jsonl"
    file.write_text(file.read_text().replace('"final"', '"design and validation"'))
    assert integrity.broken(looks(tmp_path), made, [])[0].startswith("Line 2 of the file of looks")


def test_a_file_without_an_older_registration_is_said(tmp_path: Path) -> None:
    registered(tmp_path)
    (tmp_path / "data.looks.jsonl").unlink()
    made = registered(tmp_path, "second", at=NOW + 1)
    claims = claims_beside(tmp_path / "second.json", made)
    assert [one.registration for one in claims] == [load_registration(tmp_path / "pulse.json")]
    (said,) = integrity.broken(looks(tmp_path), made, claims)
    assert said.startswith("The entry of registration " + claims[0].registration.digest[:12])


def test_a_line_that_does_not_follow_elsewhere_is_said(tmp_path: Path) -> None:
    made = registered(tmp_path)
    found = replace(looks(tmp_path), broken_elsewhere=((tmp_path / "all.looks.jsonl", 3),))
    (said,) = integrity.broken(found, made, [])
    assert said.startswith(f"Line 3 of {tmp_path / 'all.looks.jsonl'} does not follow")


@pytest.mark.parametrize(("after", "chosen"), [(0, ("other",)), (1, ())])
def test_what_was_looked_at_elsewhere_before_chose_it(
    tmp_path: Path, after: int, chosen: tuple[str, ...]
) -> None:
    made = registered(tmp_path)
    look_at(tmp_path / "x", strategy="other", at=made.at + after)
    known = replace(looks(tmp_path), elsewhere=looks(tmp_path / "x").entries)
    assert integrity.validity(known, made, recorded=True).chosen_after == chosen


def test_changed_data_is_said(tmp_path: Path) -> None:
    made = registered(tmp_path)
    assert integrity.changed_data(made, made.data) == []
    (said,) = integrity.changed_data(made, {**made.data, "BBBUSDT": "other"})
    assert "BBBUSDT" in said
    assert "AAAUSDT" not in said
