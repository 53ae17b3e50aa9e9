"""`signalengine evidence` as a person uses it: register, run, look, and look again."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from infra.cli.main import app
from research.simulations.verdicts import STRATEGY
from tests.research.data.recordings import write_freqtrade
from tests.research.evidence.samples import short_market
from tests.research.reports.pages import Read

SPANS = (
    "--design", "2025-01-03..2025-01-09", "--validation", "2025-01-09..2025-01-15",
    "--final", "2025-01-15..2025-01-21",
)  # fmt: skip


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["evidence", *words])


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    for table in short_market():
        write_freqtrade(tmp_path / "data", table)
    (tmp_path / "pulse.py").write_text(STRATEGY)
    return tmp_path


def options(place: Path) -> tuple[str, ...]:
    return (
        str(place / "pulse.py"), "--source", str(place / "data"),
        "--folder", str(place / "registered"),
    )  # fmt: skip


def test_the_protocol_from_end_to_end(place: Path) -> None:
    common, sweeps = options(place), ("--sweeps", str(place / "none"))
    made = run("register", *common, "--hypothesis", "Volume leads.", *SPANS)
    assert made.exit_code == 0, made.output
    assert "2025-01-15" in made.output
    designed = run(*common, *sweeps)
    assert "No verdict: the final span was not looked at." in designed.output
    page = place / "page.html"
    looked = run("run", *common, *sweeps, "--look", "--report", str(page))
    assert "This is the first look at the final span." in looked.output
    assert "30 needed" in looked.output
    read = Read(page.read_text())
    assert [a["href"] for a in read.named("a")] == [f"#{a['id']}" for a in read.named("h2")]
    assert "Volume leads." in read.text
    again = json.loads(run(*common, *sweeps, "--look", "--json").stdout)
    assert "look 2 at the final span" in again["statement"]
    assert again["head"] not in read.text


def test_what_is_not_registered_is_refused(place: Path) -> None:
    refused = run(*options(place))
    assert isinstance(refused.exception, Exception)
    assert "is not registered" in str(refused.exception)


def test_spans_are_given_all_or_none(place: Path) -> None:
    refused = run("register", *options(place), "--hypothesis", "x", *SPANS[:2])
    assert "or none of them" in str(refused.exception)


def test_a_damaged_recording_of_looks_is_said(place: Path) -> None:
    common = options(place)
    run("register", *common, "--hypothesis", "Volume leads.", *SPANS)
    (place / "data.looks.jsonl").unlink()
    said = run(*common, "--sweeps", str(place / "none")).output
    assert "The file of looks is gone" in " ".join(said.split())
