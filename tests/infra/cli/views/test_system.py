"""Health and metrics, as `status` and `metrics` print them."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local.stack.running import remember
from tests.infra.cli.conftest import Cli, run_ok
from tests.infra.cli.documents import RUNNING_HERE, health
from tests.infra.cli.stand_in import Stack

pytestmark = pytest.mark.enable_socket


def test_times_are_utc_and_local_on_request(
    cli: Cli, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    import time

    time.tzset()
    try:
        utc, local = (run_ok(cli, stack, "status", *more).out for more in ([], ["--local"]))
    finally:
        monkeypatch.undo()
        time.tzset()
    hour = re.compile(r"market time +\S+ (\d\d):\S+ (\w+)")
    (first, zone), (second, other) = hour.findall(utc)[0], hour.findall(local)[0]
    assert (zone, other) == ("UTC", "JST")
    assert (int(second) - int(first)) % 24 == 9


def test_metrics_name_what_nobody_reports_apart(cli: Cli, stack: Stack) -> None:
    out = run_ok(cli, stack, "metrics").out
    assert re.search(r"commit to telegram +850 ms +12.4 s +14", out)
    assert "not reported: signal short" in out
    assert "not reported: threads" in out
    assert "unknown" not in out
    assert run_ok(cli, stack, "metrics", "--prometheus").out == stack.texts["/metrics"]


def test_a_degraded_stack_ends_with_1_and_names_the_component(cli: Cli, stack: Stack) -> None:
    components = {"database": "ok", "feed": "silent", "streams": "silent: kline"}
    stack.documents["/health"] = health(status="degraded", components=components)
    result = cli("status", "--url", stack.url)
    assert result.code == 1
    assert "degraded" in result.out
    assert "silent: kline" in result.out


def test_a_stack_that_never_had_a_feed_is_degraded(cli: Cli, stack: Stack) -> None:
    components = {"database": "ok", "feed": "never seen"}
    stack.documents["/health"] = {
        "status": "degraded", "uptime_seconds": 0, "components": components,
    }  # fmt: skip
    result = cli("status", "--url", stack.url)
    assert (result.code, "never seen" in result.out) == (1, True)


def test_a_system_that_runs_here_shows_the_folder_and_the_size_of_its_data(
    cli: Cli, stack: Stack, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").write_bytes(bytes(2_500_000))
    at = replace(RUNNING_HERE.addresses, api=stack.url)
    remember(tmp_path, replace(RUNNING_HERE, addresses=at, data=str(tmp_path / "data")))
    result = cli("status", "--state-dir", str(tmp_path))
    assert result.code == 0
    assert "2.5 MB in" in result.out.replace("\n", " ")
