"""A burst in memory: each signal comes once on both ways, and the depths are drawn."""

from pathlib import Path

from rich.console import Console

from infra.cli.local.burst import run_burst, table
from infra.local.benchmarks.burst.model import play_model
from infra.local.benchmarks.burst.run import save


def test_a_burst_comes_once_in_few_messages(tmp_path: Path) -> None:
    result = play_model(90, lambda _: None)
    report = result.report
    assert result.passed, report
    assert report["telegram_messages"] == 90 - report["in_digests"] + report["digests"]
    assert (report["lost"], report["duplicated"], report["errors"]) == (0, 0, [])
    assert result.samples[-1].gauges["websocket"] == 90.0
    file = tmp_path / "burst.json"
    names = {one.name for one in save(result, file)}
    assert names == {"burst.json", "burst-depth.svg"}
    console = Console(record=True, width=100)
    console.print(table(result))
    assert "signals of one minute" in console.export_text()


def test_the_command_ends_with_its_verdict(tmp_path: Path) -> None:
    console = Console(record=True, width=100)
    report = tmp_path / "burst.json"
    assert run_burst(3, tmp_path, report, model=True, console=console) == 0
    assert "burst-depth.svg" in console.export_text().replace("\n", "")
