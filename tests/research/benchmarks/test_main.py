"""The command prints the tables and writes the numbers."""

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from research.benchmarks import __main__ as command
from research.benchmarks.measuring import Row
from research.benchmarks.tables import LIMITS, TABLES, Table
from tests.research.benchmarks.samples import PLAIN, WHOLE


def test_a_report_is_printed_and_written(tmp_path: Path) -> None:
    out = io.StringIO()
    table = Table("A fold", "bar", (PLAIN, WHOLE), count=200, rounds=2, equal=True)
    command.report(
        {"fold": table}, 7, tmp_path / "bench.json", Console(file=out, width=110)
    )  # fmt: skip
    text = out.getvalue()
    for part in ("A fold", "plain", "whole", "µs a bar", "quartiles", "MB", "load", "bench.json"):
        assert part in text
    written = json.loads((tmp_path / "bench.json").read_text())
    first, second = written["tables"]["fold"]["rows"]
    assert (first["name"], first["ratio"], first["rounds"]) == ("plain", 1.0, 2)
    assert second["ratio"] == second["median_us"] / first["median_us"]
    assert second["peak_mb"] > 0.0
    assert written["machine"]["cores"] >= 1


def test_a_rate_of_a_core_is_of_its_cpu_time() -> None:
    table = Table("A sweep", "set", (), 1, 1, time="ms", per_core=True)
    rows = [
        Row("one", units=4, wall_us=(9_000.0,), cpu_us=(4_000.0,), peak_mb=300.0),
        Row("other", units=4, wall_us=(9_000.0,), cpu_us=(400_000.0,), peak_mb=1_200.0),
        Row("broken", "failed: x"),
    ]
    out = io.StringIO()
    Console(file=out, width=120).print(command.printed(table, rows))
    lines = [line.split() for line in out.getvalue().splitlines() if line.strip()]
    found = {words[0]: words[-4:] for words in lines}
    assert "ms a set" in out.getvalue()
    assert "sets a second and core" in out.getvalue()
    assert found["one"] == ["4.000", "250", "1.00", "300"]
    assert found["other"] == ["400.000", "2.5", "100.00", "1,200"]
    assert found["broken"] == ["–"] * 4


def test_limits_are_met_or_missed() -> None:
    limit = LIMITS[0]
    met = Row(limit.row, units=1_000, wall_us=(limit.most_s * 1e3,))
    assert command.limits({limit.row: met})[0].startswith("met: ")
    missed = Row(limit.row, units=1_000, wall_us=(limit.most_s * 1e3 + 1.0,))
    assert command.limits({limit.row: missed})[0].startswith("MISSED: ")
    assert command.limits({}) == []


def test_only_the_peers_of_the_chosen_tables_are_installed() -> None:
    assert command.peers_of({"loading": TABLES["loading"]}) == set()
    assert command.peers_of({"sweep": TABLES["sweep"]}) == {"vectorbt", "freqtrade", "jesse"}


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
