"""The data of a backtest's report: the track record of the API, and the page's conclusion."""

import json

import pytest
from signalengine_aws.api.endpoints.performance_shapes import Performance

from research.reports import document as module
from research.reports.document import document, document_file, write_document
from research.statistics.conclusion import conclude
from tests.research.statistics.made import at_random, made_run


@pytest.fixture(scope="module")
def runs():
    names = ("BTCUSDT", "ETHUSDT")
    return [made_run(at_random(40), days=9, symbol=name, seed=n) for n, name in enumerate(names)]


@pytest.fixture(scope="module")
def found(runs):
    return document("Two symbols", runs, conclude(runs, draws=50))


def test_it_has_the_track_record_of_the_api_and_the_conclusion(runs, found):
    record = found["record"]
    assert set(Performance.__required_keys__) - set(record) == {"days", "unreadable"}
    closed = [one for run in runs for one in run.signals if one.settlement is not None]
    assert record["n"] == len(closed) == found["conclusion"]["summary"]["n"]
    assert record["summary"]["wins"] == sum(one.settlement.net_return > 0 for one in closed)
    assert len(record["equity"]) == len(closed)
    assert record["calibration"]["without"] == record["excursions"]["without"] == 0
    assert found["format"] == "signalengine-backtest"


def test_it_is_written_beside_the_page_and_reads_back(runs, found, tmp_path):
    file = document_file(tmp_path / "out.html")
    assert file == tmp_path / "out.report.json"
    write_document(file, "Two symbols", runs, conclude(runs, draws=50))
    assert json.loads(file.read_text()) == json.loads(json.dumps(found))
    assert "NaN" not in file.read_text()


def test_of_many_signals_the_equity_has_a_step_a_day(runs, found, monkeypatch):
    monkeypatch.setattr(module, "MOST_STEPS", 3)
    days = document("Two symbols", runs, conclude(runs, draws=50))["record"]["equity"]
    assert sum(day["closed"] for day in days) == found["record"]["n"]
    assert days[-1]["equity_pct"] == pytest.approx(found["record"]["equity"][-1]["equity_pct"])
