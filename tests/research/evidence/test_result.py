"""The result of a look is read back only where its whole chain holds."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from research.evidence.errors import EvidenceError
from research.evidence.looks import digest_of
from research.evidence.protocol import Evidence
from research.evidence.registration import load_registration
from research.evidence.result import read_result, result_file, write_result
from tests.research.evidence.samples import examination, registered, short_market


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Evidence]:
    folder = tmp_path_factory.mktemp("results")
    registered(folder)
    return folder, examination(folder, short_market(), look=True)


@pytest.fixture
def file(looked: tuple[Path, Evidence], tmp_path: Path) -> Path:
    write_result(tmp_path / "result.json", looked[1])
    return tmp_path / "result.json"


def test_what_is_written_is_read_back(looked: tuple[Path, Evidence], file: Path) -> None:
    folder, found = looked
    read = read_result(file)
    assert (read.verdict, read.statement) == (found.found.verdict, found.statement)
    assert read.registration == load_registration(folder / "pulse.json")
    assert read.look == found.look
    assert read.here
    place = result_file(folder / "pulse.json", found)
    assert place == folder / "results" / f"pulse-{found.look.digest[:12]}.json"


Raw = dict[str, Any]


def sealed(raw: Raw) -> Raw:
    return raw | {"digest": digest_of(raw)}


def with_other_verdict(raw: Raw) -> Raw:
    return raw | {"evidence": raw["evidence"] | {"verdict": "shown"}}


def without_verdict(raw: Raw) -> Raw:
    return sealed(raw | {"evidence": raw["evidence"] | {"verdict": "not looked at"}})


def with_other_parameters(raw: Raw) -> Raw:
    return sealed(raw | {"registered": raw["registered"] | {"parameter_set": "0" * 12}})


def without_a_look(raw: Raw) -> Raw:
    return sealed(raw | {"looks": raw["looks"][:-1]})


def with_an_edited_look(raw: Raw) -> Raw:
    *first, last = raw["looks"]
    return sealed(raw | {"looks": [*first, last | {"strategy": "other"}]})


def with_another_head(raw: Raw) -> Raw:
    return sealed(raw | {"registered": raw["registered"] | {"head": "0" * 64}})


def of_another_form(raw: Raw) -> Raw:
    return sealed(raw | {"looks": None})


def without_evidence(raw: Raw) -> Raw:
    return {"verdict": "shown"}


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (with_other_verdict, "was changed after it was written"),
        (without_verdict, "the final span was not looked at"),
        (with_other_parameters, "was changed after it was registered"),
        (without_a_look, "do not follow from each other"),
        (with_an_edited_look, "do not follow from each other"),
        (with_another_head, "the entry of its registration is not among its looks"),
        (of_another_form, "cannot be read as the result of a look"),
        (without_evidence, "is not the result of a look"),
    ],
)
def test_what_was_edited_is_refused(file: Path, edit: Callable[[Raw], Raw], why: str) -> None:
    file.write_text(json.dumps(edit(json.loads(file.read_text()))))
    with pytest.raises(EvidenceError, match=why):
        read_result(file)


def test_a_file_of_another_kind_is_refused(file: Path) -> None:
    file.write_text("no JSON")
    with pytest.raises(EvidenceError, match="cannot be read as the result"):
        read_result(file)


def test_a_folder_is_no_result_and_holds_no_looks(file: Path) -> None:
    with pytest.raises(EvidenceError, match="is a folder: name the file of a result"):
        read_result(file.parent)
    raw = json.loads(file.read_text())
    file.write_text(json.dumps(sealed(raw | {"looks_file": str(file.parent)})))
    with pytest.raises(EvidenceError, match="is a folder, not a file of looks"):
        read_result(file)


def test_a_result_whose_look_is_gone_from_the_data_is_refused(tmp_path: Path) -> None:
    registered(tmp_path)
    found = examination(tmp_path, short_market(), look=True)
    write_result(tmp_path / "result.json", found)
    found.looks_file.unlink()
    assert not read_result(tmp_path / "result.json").here  # as on a machine without the data
    registered(tmp_path, "again")
    with pytest.raises(EvidenceError, match="was changed, or begun again"):
        read_result(tmp_path / "result.json")
