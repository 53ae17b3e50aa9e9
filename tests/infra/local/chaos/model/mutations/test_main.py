"""`python -m infra.local.chaos.model.mutations write` writes the table and the page."""

from pathlib import Path

import pytest

from infra.local.chaos.model.mutations import __main__ as module
from infra.local.chaos.model.mutations.hunt import Caught
from infra.local.chaos.model.mutations.page import PAGE
from infra.local.chaos.model.mutations.progress import resumed
from infra.local.chaos.model.mutations.table import TABLE, mutations


def test_a_report_changes_the_table_and_then_the_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table, page, report = (tmp_path / name for name in ("table.toml", "page.md", "report.json"))
    table.write_text(TABLE.read_text(encoding="utf-8"), encoding="utf-8")
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    resumed(report, ()).add(Caught(mutations()[0].name, "seed 4711"))
    monkeypatch.setattr(module, "TABLE", table)
    monkeypatch.setattr(module, "PAGE", page)
    monkeypatch.setattr("sys.argv", ["mutations", "write", str(report)])
    assert module.main() == 0
    assert "noticed = 'seed 4711'" in table.read_text(encoding="utf-8")
    assert page.read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8")


def test_unknown_arguments_are_answered_with_the_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["mutations", "dig"])
    assert module.main() == 2
    assert "write [REPORT]" in capsys.readouterr().err
