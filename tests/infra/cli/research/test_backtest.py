"""`signalengine backtest` on recordings that are not as they should be, as a person runs it."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli.main import app
from infra.errors import CommandError
from tests.research.backtest.walks import START, walk
from tests.research.data.recordings import contract, market
from tests.research.data.recordings import csv as bars_csv

NAME = "BTCUSDT-1m-2025-05"
MINUTE_MS = 60_000
Rows = list[list[str]]


def rows(count: int = 300, step: int = 1, price: float = 1.0) -> Rows:
    """Bars in the archive's own columns; `step` minutes long."""
    found = []
    for bar in walk(3, count).bars():
        prices = [repr(x * price) for x in (bar.open, bar.high, bar.low, bar.close)]
        start = START + (bar.open_time - START) * step
        end = start + step * MINUTE_MS - 1
        rest = [repr(bar.volume), str(end), "0", "1", "0", "0", "0"]
        found.append([str(start), *prices, *rest])
    return found


def text(listed: Rows) -> str:
    return "".join(",".join(row) + "\n" for row in listed)


def csv(listed: Rows, name: str = NAME) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / f"{name}.csv").write_text(text(listed))

    return write


def zipped(folder: Path, *, cut: bool = False, checksum: str | None = None) -> None:
    target = folder / f"{NAME}.zip"
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(f"{NAME}.csv", text(rows()))
    content = target.read_bytes()
    target.write_bytes(content[: len(content) // 2] if cut else content)
    if checksum is not None:
        (folder / f"{NAME}.zip.CHECKSUM").write_text(f"{checksum}  {NAME}.zip\n")


def changed(listed: Rows, row: int, column: int, value: str) -> Rows:
    return [[*r[:column], value, *r[column + 1 :]] if n == row else r for n, r in enumerate(listed)]


GOOD = rows()
REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "an empty file": (csv([]), f"{NAME}.csv: empty"),
    "no file": (lambda _: None, "no recorded 1m bars there"),
    "longer bars under this name": (csv(rows(step=5)), "is a bar of 300 s, not of 60"),
    "longer bars only": (csv(rows(step=5), "BTCUSDT-5m-2025-05"), "only 5m: bring 1m bars"),
    "two symbols in one file": (
        csv([*GOOD[:200], *rows(300, price=0.05)[200:]]),
        "2025-05-19 03:20 UTC opens at 2",
    ),
    "one time twice, not the same": (
        csv([*GOOD, *changed(GOOD, 7, 5, "123.0")[7:8]]),
        "2025-05-19 00:07 UTC is there twice and not the same (volume",
    ),
    "a price that is no number": (csv(changed(GOOD, 7, 1, "nan")), "row 8 has no number in column"),
    "a price below 0": (csv(changed(GOOD, 7, 3, "-1")), "row 8 (2025-05-19 00:07 UTC)"),
    "a row cut off": (
        csv([*GOOD[:7], ["1747612800000", "1"]]),
        "row 8 has 2 fields where 12 are",
    ),
    "a zip cut off": (lambda folder: zipped(folder, cut=True), "a broken or cut-off zip"),
    "another checksum": (
        lambda folder: zipped(folder, checksum=hashlib.sha256(b"other").hexdigest()),
        f"{NAME}.zip does not match {NAME}.zip.CHECKSUM. Run the download again",
    ),
    "a checksum that is none": (
        lambda folder: zipped(folder, checksum="none"),
        "is not the checksum of",
    ),
    "a checksum that is no text": (
        lambda folder: [
            zipped(folder),
            (folder / f"{NAME}.zip.CHECKSUM").write_bytes(b"\xff\xfe\x00"),
        ],
        "Delete it and run the download again",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_unusable_data_is_refused_by_file_and_row(name: str, tmp_path: Path) -> None:
    make, words = REFUSED[name]
    make(tmp_path)
    result = CliRunner().invoke(app, ["backtest", "--source", str(tmp_path)])
    assert isinstance(result.exception, CommandError)
    assert words in str(result.exception)


REPAIRED = {
    "as it should be": (GOOD, 300, []),
    "gaps": ([*GOOD[:100], *GOOD[130:200], *GOOD[201:]], 269, ["gap: 31 of bars"]),
    "duplicates": (
        sorted([*GOOD, *GOOD[50:60]]),
        300,
        ["duplicate: 10 of bars, 2025-05-19 00:50 .. 2025-05-19 00:59 UTC"],
    ),
    "unsorted": ([*GOOD[200:], *GOOD[:200]], 300, ["unsorted: 1 of bars, 2025-05-19 00:00 UTC"]),
}


@pytest.mark.parametrize("name", REPAIRED)
def test_repairable_data_is_repaired_and_reported(name: str, tmp_path: Path) -> None:
    listed, bars, notes = REPAIRED[name]
    csv(listed)(tmp_path)
    command = ["backtest", "--source", str(tmp_path)]
    shown = CliRunner().invoke(app, command, env={"COLUMNS": "200"})
    assert shown.exit_code == 0
    assert f"│ {bars}" in " ".join(shown.output.split())
    assert all(f"data of BTCUSDT: {note}" in shown.output for note in notes)
    assert "no tick size is known: TP and SL are not rounded" in shown.output, "too few bars"
    data = json.loads(CliRunner().invoke(app, [*command, "--json"]).output)["data"]
    assert [note.split(",")[0] for note in data.get("BTCUSDT", [])] == [
        note.split(",")[0] for note in notes
    ]


def refused(command: str, *options: str) -> str:
    result = CliRunner().invoke(app, [*command.split(), *options])
    assert isinstance(result.exception, CommandError), result.output
    return str(result.exception)


@pytest.mark.parametrize("command", ["backtest", "audit repaint"])
def test_a_span_without_bars_is_refused(command: str, tmp_path: Path) -> None:
    csv(GOOD)(tmp_path)
    for span in (("--from", "2025-06-01"), ("--from", "2025-05-18", "--to", "2025-05-19")):
        words = refused(command, "--source", str(tmp_path), *span)
        assert "BTCUSDT: no bars" in words


def test_a_symbol_that_is_not_recorded_is_refused(tmp_path: Path) -> None:
    csv(GOOD)(tmp_path)
    words = refused("backtest", "--source", str(tmp_path), "--symbols", "NOPE")
    assert words == "--symbols: NOPE is not recorded"
    words = refused("backtest", "--source", str(tmp_path), "--symbols", "NOPEUSDT")
    assert "only of: BTCUSDT" in words


@pytest.mark.parametrize("command", ["backtest", "audit repaint"])
@pytest.mark.parametrize(
    ("span", "why"),
    [(("--from", "noon"), "noon is not a time"), (("--to", "20250519"), "write 2025-05-19"),
     (("--from", "1747612800"), "milliseconds would be 1747612800000"),
     (("--from", "2025-05-19T02:00", "--to", "2025-05-19"), "--to (2025-05-19) is before --from")],
)  # fmt: skip
def test_a_time_that_is_not_clear_is_refused(
    command: str, span: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--source", str(tmp_path), *span])
    assert result.exit_code == 2
    assert why in " ".join(result.output.replace("│", " ").split())


def test_an_audit_that_compared_nothing_is_an_error(tmp_path: Path) -> None:
    csv(GOOD)(tmp_path)
    late = ("--from", "2025-05-19T04:59")
    assert "nothing was checked" in refused("audit repaint", "--source", str(tmp_path), *late)


def test_symbols_are_read_as_a_replay_reads_them(tmp_path: Path) -> None:
    csv(GOOD)(tmp_path)
    shown = CliRunner().invoke(
        app, ["backtest", "--source", str(tmp_path), "--symbols", " btcusdt,BTCUSDT , "]
    )
    assert (shown.exit_code, shown.stdout.count("BTCUSDT")) == (0, 1)


@pytest.mark.parametrize("place", ["", "missing/page.html"])
def test_a_page_that_cannot_be_written_is_refused_before_the_run(
    place: str, tmp_path: Path
) -> None:
    words = refused("backtest", "--source", str(tmp_path), "--report", str(tmp_path / place))
    assert words.startswith(f"--report {tmp_path / place}")


def test_a_link_to_a_page_remains_a_link(tmp_path: Path) -> None:
    csv(GOOD)(tmp_path)
    (tmp_path / "old.html").write_text("old")
    (tmp_path / "link.html").symlink_to("old.html")
    command = ["backtest", "--source", str(tmp_path), "--report", str(tmp_path / "link.html")]
    assert CliRunner().invoke(app, command).exit_code == 0
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "old.html").read_text().startswith("<!doctype html>")


def test_the_document_on_stdout_is_alone_also_beside_a_page(tmp_path: Path) -> None:
    csv(GOOD)(tmp_path)
    page = tmp_path / "page.html"
    shown = CliRunner().invoke(
        app, ["backtest", "--source", str(tmp_path), "--json", "--report", str(page)]
    )
    assert json.loads(shown.stdout)["summary"]["n"] == 0
    assert str(page) in shown.stderr.replace("\n", "")
    data = json.loads((tmp_path / "page.report.json").read_text())
    assert data["conclusion"]["summary"] == json.loads(shown.stdout)["summary"]
    assert data["record"]["n"] == 0
    assert page.read_text().startswith("<!doctype html>")


def test_a_strategy_that_compares_symbols_says_which_are_missing(tmp_path: Path) -> None:
    for seed, name in enumerate(("BTCUSDT", "ETHUSDT", "SOLUSDT")):
        days = market(60, seed=seed, interval="1d", symbol=name)
        (tmp_path / f"{name}-1d-2026-02.csv").write_text(bars_csv(days))
    listed = [contract(name) for name in ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")]
    answer = {"serverTime": 1_769_904_000_000, "symbols": listed}
    (tmp_path / "exchangeInfo-20260201T000000Z.json").write_text(json.dumps(answer))
    words = ["backtest", "--source", str(tmp_path), "--strategy", "momentum"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    shown = " ".join(result.output.split())
    assert "Of the 4 symbols trading on 2026-02-01, 3 are here." in shown
