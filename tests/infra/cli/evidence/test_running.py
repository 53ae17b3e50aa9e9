"""`signalengine evidence` as a person uses it: register, run, look, and look again."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from signalengine.policy import default_policy, load_policy
from typer.testing import CliRunner, Result

from infra.cli.main import app
from research.evidence.result import read_result
from research.simulations.verdicts import STRATEGY
from tests.research.data.recordings import market as hours
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
    (tmp_path / "none").mkdir()
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
    result = Path(looked.output.split("result: ")[1].splitlines()[0])
    assert result.parent == place / "registered" / "results"
    assert read_result(result).look.digest in read.text
    again = json.loads(run(*common, *sweeps, "--look", "--json").stdout)
    assert again["sweeps"] == {"folder": str(place / "none"), "rows": 0}
    assert json.loads(result.read_text())["evidence"]["sweeps"] == again["sweeps"]
    assert f"0 rows of sweeps were found in {place / 'none'}." in looked.output
    assert "look 2 at the final span" in again["statement"]
    assert again["head"] not in read.text
    assert (again["valid"], again["result"] == str(result)) == (False, False)
    assert read_result(Path(again["result"])).look.digest == again["head"]
    assert run(*common, *sweeps).exit_code == 0  # results are not taken for registrations


def test_bars_longer_than_a_minute_are_registered_and_said(tmp_path: Path) -> None:
    """A strategy of daily bars on 1h bars, where there are no 1m bars."""
    (tmp_path / "data").mkdir()
    (tmp_path / "none").mkdir()
    write_freqtrade(tmp_path / "data", hours(220 * 24, interval="1h"), "1h")
    common = ("donchian", "--source", str(tmp_path / "data"), "--folder", str(tmp_path / "r"))
    made = run("register", *common, "--hypothesis", "Trends go on.")
    assert made.exit_code == 0, made.output
    assert "Coarse: signals are settled by 1h bars." in " ".join(made.output.split())
    found = run(*common, "--sweeps", str(tmp_path / "none"), "--report", str(tmp_path / "p.html"))
    assert found.exit_code == 0, found.output
    assert "Coarse: signals are settled by 1h bars." in " ".join(found.output.split())
    read = Read((tmp_path / "p.html").read_text())
    assert "coarse: settled by 1h bars" in read.text
    minutes = run("register", "classic", *common[1:], "--hypothesis", "x")
    assert "no recorded 1m bars there, only 1h" in str(minutes.exception)


def test_a_policy_file_is_registered_by_its_digest(place: Path) -> None:
    raw = json.loads(files("signalengine").joinpath("policy.json").read_text())
    file = place / "strict.json"
    file.write_text(json.dumps(raw | {"threshold": 0.6}))
    common = ("classic", *options(place)[1:])
    words = ("--policy", str(file))
    made = run("register", *common, *words, "--hypothesis", "High scores win.", *SPANS)
    assert made.exit_code == 0, made.output
    strict = load_policy(file.read_text())
    (saved,) = (place / "registered").glob(f"classic-{strict.digest}-*.json")
    assert json.loads(saved.read_text())["parameter_set"] == strict.digest
    assert f"next: signalengine evidence classic --source {place / 'data'} --policy {file}" in (
        made.output
    )
    default = run(*common)
    assert f"classic ({default_policy().digest}) is not registered" in str(default.exception)


def test_a_set_of_another_strategy_is_refused(place: Path) -> None:
    file = place / "fast.json"
    file.write_text('{"strategy": "donchian", "name": "fast", "parameters": {"days": 10}}')
    words = ("--policy", str(file), "--hypothesis", "x")
    other = run("register", "momentum", *options(place)[1:], *words)
    assert "is a parameter set of donchian, not of momentum" in str(other.exception)
    both = run("register", "donchian", *options(place)[1:], *words, "--set", "days=9")
    assert "give --set or --policy, not both" in str(both.exception)


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


def test_a_folder_of_sweeps_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """It would lower the number of sets tried."""
    (tmp_path / "file").write_text("")
    for name in ("gone", "file"):
        said = run("donchian", "--source", str(tmp_path), "--sweeps", str(tmp_path / name))
        assert (said.exit_code, "--sweeps" in said.output) == (2, True)
