"""`export` and `sql` as commands: data on the standard output, all else beside it."""

import json
import os
import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from infra.cli.export import commands, formats
from infra.cli.export.console import place_of, remove_earlier
from infra.cli.export.datasets import DATASETS
from infra.cli.reading.target import LOCAL, Target
from tests.infra.cli.conftest import Cli, run_ok
from tests.infra.cli.documents import DECISIONS, SIGNALS, T0
from tests.infra.cli.export.memory_api import MemoryApi
from tests.infra.cli.export.test_run import to_file
from tests.infra.cli.stand_in import Stack

pytestmark = pytest.mark.enable_socket


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_words_of_the_help_are_the_datasets_and_formats() -> None:
    """The help is shown without the modules that do the work."""
    assert tuple(DATASETS) == commands.NAMES
    assert commands.FORMATS == formats.FORMATS


def test_signals_are_exported_to_a_file_named_for_them(
    cli: Cli, stack: Stack, tmp_path: Path
) -> None:
    done = run_ok(cli, stack, "export", "signals", "--from", "2025-05-18")
    assert done.out == ""
    assert f"signals.csv: {len(SIGNALS)} rows of signals, from 2025-05-18" in done.err
    lines = (tmp_path / "signals.csv").read_text().splitlines()
    assert lines[0].startswith("time,id,symbol,direction,status,score,")
    assert [line.split(",")[1] for line in lines[1:]] == [row["id"] for row in SIGNALS[::-1]]
    (first, *_) = [given for path, given in stack.requests if path == "/signals"]
    assert first == {"limit": "200", "from": "1747526400000", "to": str(T0 + 1)}


def test_an_export_can_go_into_a_pipe(cli: Cli, stack: Stack, tmp_path: Path) -> None:
    pipe, received = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: received.append(pipe.read_text()))
    reader.start()
    run_ok(cli, stack, "export", "decisions", "--format", "jsonl", "-o", str(pipe))
    reader.join()
    assert len(received[0].splitlines()) == len(DECISIONS)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_data_and_json_do_not_mix_on_the_standard_output(cli: Cli, stack: Stack) -> None:
    refused = cli("export", "signals", "-o", "/dev/stdout", "--json", "--url", stack.url)
    assert (refused.code, refused.out) == (2, "")
    assert "standard output" in refused.err


def test_what_was_written_is_printed_for_programs(cli: Cli, stack: Stack, tmp_path: Path) -> None:
    stack.documents["/decisions"]["unreadable"] = 2
    file = tmp_path / "x.parquet"
    done = run_ok(
        cli, stack, "export", "decisions", "--format", "parquet", "--output", str(file), "--json"
    )
    assert json.loads(done.out) == {
        "dataset": "decisions", "file": str(file), "rows": len(DECISIONS), "unreadable": 2,
        "from": T0 + 1 - 91 * 86_400_000, "to": T0 + 1, "resumed": False,
    }  # fmt: skip
    assert "2 items were left out" in done.err
    assert pq.read_table(file).num_rows == len(DECISIONS)


def test_a_stack_that_fails_in_between_is_resumed(
    cli: Cli, stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.cli.export.pages.LIST_PAGE", 2)
    monkeypatch.setattr("infra.cli.export.parts.PAGES", 1)
    monkeypatch.setattr("infra.cli.reading.client.RETRY_S", 0.0)
    whole = run_ok(cli, stack, "export", "decisions", "-o", "whole.csv")
    words = ("export", "decisions", "-o", "x.csv", "--url", stack.url)
    refused = False
    original = stack._page

    def fails_once(path: str, request: object) -> object:
        nonlocal refused
        if path == "/decisions" and request.query.get("cursor") == "4" and not refused:  # type: ignore[attr-defined]
            refused = True
            stack.refuse("/decisions", 503, "away", times=3)
            raise ConnectionResetError
        return original(path, request)  # type: ignore[arg-type]

    monkeypatch.setattr(stack, "_page", fails_once)
    failed = cli(*words)
    assert failed.code == 1
    assert "the same command goes on there" in failed.err
    stack.refusals.clear()
    before = len(stack.requests)
    done = cli(*words)
    assert (done.code, "a part had been read before" in done.err) == (0, True)
    assert (tmp_path / "x.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    pages = [given for path, given in stack.requests[before:] if path == "/decisions"]
    assert [given["cursor"] for given in pages] == ["4"]
    assert whole.code == 0


def test_ctrl_c_says_that_nothing_is_lost(
    cli: Cli, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("infra.cli.export.parts._Batch.fill", interrupted)
    ended = cli("export", "events", "--url", stack.url)
    assert (ended.code, ended.out) == (130, "")
    assert "interrupted: what was read is stored" in ended.err


def test_a_query_exports_what_it_names_and_says_as_of_when(
    cli: Cli, stack: Stack, tmp_path: Path
) -> None:
    words = ("sql", "SELECT symbol, count(*) n FROM signals GROUP BY 1 ORDER BY 1")
    state = ("--state-dir", str(tmp_path))
    done = run_ok(cli, stack, *words, *state, "--format", "csv")
    assert done.out == "symbol,n\nBTCUSDT,1\nETHUSDT,1\nSOLUSDT,1\n"
    assert "data: signals before 2025-05-19 00:00:00 UTC" in done.err
    paths = [path for path, _ in stack.requests]
    assert set(paths) == {"/health", "/system", "/signals"}
    again = run_ok(cli, stack, *words, *state, "--cached", "--json")
    assert json.loads(again.out)[0] == {"symbol": "BTCUSDT", "n": 1}
    assert len(stack.requests) == len(paths)
    refused = cli("sql", "FROM events", "--cached", *state, "--url", stack.url)
    assert (refused.code, "leave --cached out" in refused.err) == (1, True)


def test_a_query_goes_on_with_no_older_one(
    cli: Cli, stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is about now, and an interrupted one has the period of its own time."""
    monkeypatch.setattr("infra.cli.export.pages.LIST_PAGE", 2)
    monkeypatch.setattr("infra.cli.export.parts.PAGES", 1)
    monkeypatch.setattr("infra.cli.reading.client.RETRY_S", 0.0)
    state = ("--state-dir", str(tmp_path), "--url", stack.url)
    words = ("sql", "SELECT count(*) n FROM decisions", "--format", "csv", *state)
    original = stack._page

    def fails_later(path: str, request: object) -> object:
        if path == "/decisions" and request.query.get("cursor") == "4":  # type: ignore[attr-defined]
            raise ConnectionResetError
        return original(path, request)  # type: ignore[arg-type]

    monkeypatch.setattr(stack, "_page", fails_later)
    failed = cli(*words)
    assert (failed.code, "the same command goes on there" in failed.err) == (1, False)
    monkeypatch.setattr(stack, "_page", original)
    stack.documents["/health"]["watermark"] = T0 + 60_000
    before = len(stack.requests)
    done = cli(*words)
    assert (done.code, done.out) == (0, f"n\n{len(DECISIONS)}\n")
    pages = [given for path, given in stack.requests[before:] if path == "/decisions"]
    assert "cursor" not in pages[0]
    assert {given["to"] for given in pages} == {str(T0 + 60_001)}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--data", ".", "--from", "2025-05-19"), "--from has no effect with --data"),
        (("--data", ".", "--to", "2025-05-19"), "--to has no effect with --data"),
        (("--data", ".", "--symbols", "btc"), "--symbols has no effect with --data"),
        (("--data", ".", "--cached"), "--cached has no effect with --data"),
        (("--cached", "--from", "2025-05-19"), "--from has no effect with --cached"),
        (("--cached", "--to", "2025-05-19"), "--to has no effect with --cached"),
        (("--cached", "--symbols", "btc"), "--symbols has no effect with --cached"),
    ],
)
def test_a_query_refuses_what_has_no_effect(cli: Cli, words: tuple[str, ...], why: str) -> None:
    refused = cli("sql", "FROM signals", *words)
    assert (refused.code, refused.out, why in refused.err) == (2, "", True)


def test_stacks_of_one_name_have_data_of_their_own(cli: Cli, stack: Stack, tmp_path: Path) -> None:
    """The name of an address is its host; one host has many paths, one region each stack."""
    words = ("sql", "SELECT count(*) n FROM signals", "--state-dir", str(tmp_path))
    run_ok(cli, stack, *words)
    other = cli(*words, "--cached", "--url", f"{stack.url}/other")
    assert (other.code, "were exported yet" in other.err) == (1, True)


def test_data_of_earlier_systems_of_this_machine_is_removed(tmp_path: Path) -> None:
    ports = [place_of(Target(LOCAL, f"http://127.0.0.1:{port}")) for port in (1, 2)]
    others = [place_of(Target(name, "http://x")) for name in ("local-1", "localhost:1", "a/b")]
    for name in (*ports, *others):
        (tmp_path / name).mkdir()
    remove_earlier(tmp_path / ports[1])
    assert {path.name for path in tmp_path.iterdir()} == {ports[1], *others}


def test_discarded_parts_are_mentioned(cli: Cli, stack: Stack, tmp_path: Path) -> None:
    words = ("export", "decisions", "-o", "x.csv", "--url", stack.url)
    stack.refuse("/decisions", 500, "away")
    assert cli(*words).code == 1
    stack.documents["/health"]["market"] = "live"
    stack.refusals.clear()
    done = cli(*words)
    assert done.code == 0
    assert "an interrupted export of another market, policy or run was discarded" in done.err
    assert "a part had been read before" not in done.err


def test_a_folder_of_files_needs_no_stack(cli: Cli, tmp_path: Path) -> None:
    to_file(MemoryApi(), tmp_path / "decisions.parquet", "decisions", "parquet")
    words = ("sql", "SELECT verdict, price, NULL x FROM decisions LIMIT 2", "--data", ".")
    done = cli(*words, width=60)
    assert done.code == 0
    assert [line.split() for line in done.out.splitlines()[2:4]] == [
        ["below_threshold", "100", "–"]
    ] * 2
    missing = cli("sql", "FROM bars", "--data", ".")
    assert missing.code == 1
    assert "signalengine export bars --format parquet" in missing.err


def test_a_table_of_many_rows_is_cut_and_says_so(cli: Cli) -> None:
    done = cli("sql", "SELECT range x FROM range(1001)", "--data", ".")
    assert len([line for line in done.out.splitlines() if line.strip().isdigit()]) == 1_000
    assert "the first 1,000 rows; --format csv or json prints all" in done.err
    none = cli("sql", "SELECT 1 WHERE false", "--data", ".")
    assert (none.code, none.out) == (0, "no rows\n")


def test_a_query_that_does_not_only_read_is_refused(cli: Cli, tmp_path: Path) -> None:
    refused = cli("sql", f"COPY signals TO '{tmp_path}/x'", "--data", ".")
    assert refused.code == 1  # signals.parquet is missing
    refused = cli("sql", "CREATE TABLE x AS SELECT 1", "--data", ".")
    assert (refused.code, "write one SELECT" in refused.err) == (2, True)


def test_a_hostile_answer_is_printed_as_text(cli: Cli) -> None:
    done = cli("sql", "SELECT chr(27) || '[2J[red]' \"[b]x[/b]\"", "--data", ".")
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "?[2J[red]" in done.out
    assert "[b]x[/b]" in done.out
