"""Looks at the same bars under another name are found: above, below, beside, and in results."""

from dataclasses import replace
from pathlib import Path

import pytest

from research.evidence.looks import add_look, looks_file, read_looks
from research.evidence.registration import Spans
from research.evidence.related import claims_beside, related_looks
from research.evidence.result import result_file, write_result
from tests.research.evidence.samples import (
    DAYS,
    NOW,
    SPANS,
    examination,
    registered,
    short_market,
)

BARS = "AAAUSDT-1m-2026-01.csv"


@pytest.fixture(scope="module")
def tables():
    return short_market()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "all" / "klines").mkdir(parents=True)
    (tmp_path / "all" / "klines" / BARS).write_text("row\n")
    return tmp_path


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("all/klines", "all"),
        ("all", "all/klines"),
        (f"all/klines/{BARS}", "all"),
        ("all", f"all/klines/{BARS}"),
    ],
)
def test_a_look_at_a_folder_around_is_a_look(place: Path, first: str, second: str, tables) -> None:
    for number, data in enumerate((first, second)):
        name, at = f"r{number}", NOW + 10 * number
        registered(place, name, at, data=data)
        found = examination(place, tables, look=True, name=name, at=at + 1, data=data)
        assert found.validity.look == 1 + number
        assert found.validity.recorded
    assert found.remarks[0].startswith("This is look 2 at the final span")


def test_one_more_row_does_not_hide_a_look(place: Path, tables) -> None:
    """Neither beside its file of looks nor, where that was deleted, beside the registration."""
    file = place / "all" / "klines" / BARS
    registered(place, "one", data="all")
    examination(place, tables, look=True, name="one", data="all")
    file.write_text("row\nrow\n")
    registered(place, "two", NOW + 1, data="all")
    assert examination(place, tables, look=True, name="two", data="all").validity.look == 2
    looks_file(place / "all").unlink()
    file.write_text("row\nrow\nrow\n")
    registered(place, "three", NOW + 2, data="all")
    found = examination(place, tables, look=True, name="three", data="all")
    assert not found.validity.holds
    assert len(found.remarks) == 3  # of two registrations, and that it is the first known
    assert "the bars were in another folder" in found.remarks[0]


def test_a_result_names_its_look(place: Path, tables) -> None:
    """Also where the file of looks was cut off after the registration."""
    made = registered(place, "one")
    found = examination(place, tables, look=True, name="one")
    write_result(result_file(place / "one.json", found), found)
    (claim,) = claims_beside(place / "one.json", made)
    assert claim.digest == found.look.digest
    file = looks_file(place / "data")
    file.write_text(file.read_text().splitlines(keepends=True)[0])
    again = examination(place, tables, look=True, name="one")
    assert again.remarks[0].startswith(f"A look of registration {made.digest[:12]}")
    assert not again.validity.recorded


def test_a_look_at_a_copy_beside_is_a_look(place: Path, tables) -> None:
    registered(place, "one", data="data")
    examination(place, tables, look=True, name="one", at=NOW + 1, data="data")
    registered(place, "two", NOW + 2, data="copy")
    found = examination(place, tables, look=True, name="two", at=NOW + 3, data="copy")
    assert (found.validity.look, found.validity.recorded) == (2, True)


def test_other_symbols_other_times_and_other_files_claim_nothing(tmp_path: Path) -> None:
    made = registered(tmp_path)
    (tmp_path / "notes.json").write_text("{}")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "part.json").write_text('{"registered": {}}')
    assert claims_beside(tmp_path / "pulse.json", made) == []
    day = DAYS[1] - DAYS[0]
    later = Spans(*((end, end + day) for end in (NOW, NOW + day, NOW + 2 * day)))
    moved = registered(tmp_path, "later", spans=later)
    assert claims_beside(tmp_path / "later.json", moved) == []
    assert claims_beside(tmp_path / "new.json", replace(made, symbols=("CCCUSDT",))) == []
    assert len(claims_beside(tmp_path / "new.json", replace(made, head=""))) == 1


def test_a_line_that_does_not_follow_elsewhere_is_known(place: Path) -> None:
    above = looks_file(place / "all")
    add_look(above, "final", at=NOW, strategy="pulse", parameter_set="a", registration="r",
             span=SPANS.final)  # fmt: skip
    above.write_text(above.read_text() + "{}\n")
    known = related_looks(place / "all" / "klines", [])
    assert known.elsewhere == read_looks(above).entries
    assert known.broken_elsewhere == ((above, 2),)
