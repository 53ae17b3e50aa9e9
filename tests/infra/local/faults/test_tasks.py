"""The tasks of a scenario: an unexpected end is an error that names the log."""

import time
from pathlib import Path

import boto3
import pytest

from infra.errors import CommandError
from infra.local.faults.scenarios import Ending
from infra.local.faults.tasks import LEASES, REGION, Tasks, environment, leases


def test_a_task_that_ends_by_itself_ends_the_scenario(tmp_path: Path) -> None:
    env = environment("live", "http://127.0.0.1:9", "http://127.0.0.1:9", "", tmp_path)
    tasks = Tasks(env, tmp_path, Ending("killed"))  # it refuses to run without SYMBOLS
    try:
        give_up = time.monotonic() + 60.0
        while tasks.exit_code is None and time.monotonic() < give_up:
            time.sleep(0.02)
        with pytest.raises(CommandError, match=r"ended with 78: .*ingest-1\.log"):
            tasks.poll(lead_over=False)
        assert "SYMBOLS" in tasks.logs[0].read_text()
    finally:
        tasks.stop()


def test_a_killed_task_has_a_successor_with_its_spool_and_another_log(
    tmp_path: Path,
) -> None:
    env = environment("live", "http://127.0.0.1:9", "http://127.0.0.1:9", "BTCUSDT", tmp_path)
    tasks = Tasks(env, tmp_path, Ending("killed"))
    try:
        assert not tasks.poll(lead_over=False)
        assert tasks.poll(lead_over=True), "it is ended at the end of the lead"
        assert not tasks.poll(lead_over=True), "once"
        assert [log.name for log in tasks.logs] == ["ingest-1.log", "ingest-2.log"]
        assert tasks.exit_code is None, "the second one waits for its exchange"
    finally:
        tasks.stop()


def test_the_environment_has_no_aws_account_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "mine")
    env = environment("live", "http://127.0.0.1:9", "http://127.0.0.1:9", "BTCUSDT", tmp_path)
    assert "mine" not in env.values()
    assert env["BINANCE_WS_BASE"] == "ws://127.0.0.1:9"


@pytest.mark.flow
@pytest.mark.enable_socket
def test_tasks_with_a_lease_have_the_keys_of_its_table(tmp_path: Path) -> None:
    with leases(tmp_path) as env:
        table = boto3.client(
            "dynamodb", endpoint_url=env["AWS_ENDPOINT_URL_DYNAMODB"], region_name=REGION,
            aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        )  # fmt: skip
        assert table.scan(TableName=LEASES)["Items"] == []
