"""The command prints the tables and writes the numbers."""

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from research.benchmarks import __main__ as command
from research.benchmarks.tables import Table
from tests.research.benchmarks.samples import PLAIN, WHOLE


def test_a_report_is_printed_and_written(tmp_path: Path) -> None:
    out = io.StringIO()
    table = Table("A fold", "bar", (PLAIN, WHOLE), count=200, rounds=2, equal=True)
    command.report(
        {"fold": table}, 7, tmp_path / "bench.json", Console(file=out, width=110)
    )  # fmt: skip
    text = out.getvalue()
    for part in ("A fold", "plain", "whole", "µs a bar", "quartiles", "load", "bench.json"):
        assert part in text
    written = json.loads((tmp_path / "bench.json").read_text())
    first, second = written["tables"]["fold"]["rows"]
    assert (first["name"], first["ratio"], first["rounds"]) == ("plain", 1.0, 2)
    assert second["ratio"] == second["median_us"] / first["median_us"]
    assert written["machine"]["cores"] >= 1


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("load", ["--minutes", "3"]),
        ("minute", ["--rounds", "2"]),
        ("latency", ["--rounds", "2"]),
    ],
)
def test_a_benchmark_of_deployed_parts_runs_in_another_process(
    table: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[list[str]] = []

    def run(arguments: list[str], **_: object) -> SimpleNamespace:
        called.append(arguments[1:])
        return SimpleNamespace(returncode=1)

    monkeypatch.setattr(command.subprocess, "run", run)
    with pytest.raises(SystemExit) as ended:
        command.main([table, "--minutes", "3", "--rounds", "2"])
    assert ended.value.code == 1
    assert called == [["-m", f"infra.local.benchmarks.{table}", *words]]


def test_an_unknown_table_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["nonsense"])
    assert "there is no table nonsense" in capsys.readouterr().err
