"""The file of looks is a chain: what is changed, removed or begun again is noticed."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.evidence.errors import EvidenceError
from research.evidence.looks import Kind, Look, add_look, looks_file, read_looks

FINAL = (200, 300)


def add(file: Path, kind: Kind = "final", at: int = 1, final: tuple[int, int] = FINAL) -> Look:
    return add_look(
        file, kind, at=at, strategy="pulse", parameter_set="abc", registration="r", span=final
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "data.looks.jsonl"
    for at in range(4):
        add(made, at=at)
    return made


def test_the_file_is_beside_the_data(tmp_path: Path) -> None:
    assert looks_file(tmp_path / "data") == tmp_path / "data.looks.jsonl"
    assert looks_file(tmp_path / "bars.csv") == tmp_path / "bars.csv.looks.jsonl"


def test_entries_follow_each_other(file: Path) -> None:
    looks = read_looks(file)
    assert [one.number for one in looks.entries] == [1, 2, 3, 4]
    assert [one.before for one in looks.entries[1:]] == [one.digest for one in looks.entries[:-1]]
    assert looks.head == looks.entries[-1].digest
    assert (looks.broken, looks.there) == (None, True)
    assert all(looks.holds(one.digest) for one in looks.entries)


def test_a_file_that_is_not_there_has_no_entries(tmp_path: Path) -> None:
    looks = read_looks(tmp_path / "none")
    assert (looks.entries, looks.head, looks.there) == ((), "", False)


@given(line=st.integers(0, 3), field=st.sampled_from(("at", "kind", "strategy", "start", "before")))
def test_a_changed_entry_breaks_the_chain(
    tmp_path_factory: pytest.TempPathFactory, line: int, field: str
) -> None:
    made = tmp_path_factory.mktemp("looks") / "file"
    for at in range(4):
        add(made, at=at)
    lines = made.read_text().splitlines()
    raw = json.loads(lines[line])
    raw[field] = 77 if isinstance(raw[field], int) else "other"
    lines[line] = json.dumps(raw)
    made.write_text("\n".join(lines) + "\n")
    assert read_looks(made).broken == line + 1


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_removed_entry_breaks_the_chain(file: Path, gone: int) -> None:
    lines = file.read_text().splitlines()
    del lines[gone]
    file.write_text("\n".join(lines) + "\n")
    assert read_looks(file).broken == gone + 1


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}"])
def test_a_line_that_is_no_entry_breaks_the_chain_for_good(file: Path, text: str) -> None:
    file.write_text(file.read_text() + text + "\n")
    add(file)
    assert read_looks(file).broken == 5
    assert file.read_text().count("\n") == 6


def test_looks_at_a_part_of_the_span_count(file: Path) -> None:
    add(file, "design and validation")
    add(file, final=(400, 500))
    looks = read_looks(file)
    assert len(looks.at("final", 250, 280)) == 4
    assert len(looks.at("final", 300, 400)) == 0
    assert len(looks.at("final", 0, 1000)) == 5


def test_what_cannot_be_a_file_of_looks_is_said(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for name, words in (("folder", "is a folder"), ("bytes", "no text")):
        with pytest.raises(EvidenceError, match=words):
            read_looks(tmp_path / name)
        with pytest.raises(EvidenceError, match=words):
            add(tmp_path / name)
