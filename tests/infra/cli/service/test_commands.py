"""`signalengine service`, as a person runs it, against stand-ins of systemd's programs."""

import json
from pathlib import Path

import pytest

from infra.local.service.session import Session
from infra.local.storage.folder import default_root
from tests.infra.cli.conftest import Cli
from tests.infra.local.service.programs import Programs


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """One ordinary user, whoever runs the tests."""
    found = Programs(tmp_path)
    monkeypatch.setattr(Session, "current", lambda: found.session)
    return found


def unit(tmp_path: Path) -> Path:
    return tmp_path / ".config" / "systemd" / "user" / "signalengine.service"


def test_a_service_from_its_installation_to_its_end(
    cli: Cli, programs: Programs, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    installed = cli("service", "install", "--port", "8123", "--data-dir", str(data))
    assert (installed.code, installed.err) == (0, "")
    assert f"written: {unit(tmp_path)}" in installed.out
    assert "starting: http://localhost:8123/" in installed.out
    assert f'"--port" "8123" "--data-dir" "{data}"' in unit(tmp_path).read_text()
    assert cli("service", "stop").out == "stopped\n"
    assert programs.state["level"] == "inactive"
    assert cli("service", "start").code == 0
    assert cli("service", "restart").code == 0
    assert programs.state["level"] == "active"
    removed = cli("service", "uninstall")
    assert removed.out == f"removed: {unit(tmp_path)}\nthe data stays in {data}\n"
    assert not unit(tmp_path).exists()
    assert cli("service", "uninstall").out == "no service is installed\n"


def test_the_data_is_where_the_convention_says(
    cli: Cli, programs: Programs, tmp_path: Path
) -> None:
    cli("service", "install", "--no-start")
    assert f"WorkingDirectory={default_root()}" in unit(tmp_path).read_text()
    assert programs.state["level"] == "inactive"


def test_a_dry_run_prints_the_unit_and_changes_nothing(
    cli: Cli, programs: Programs, tmp_path: Path
) -> None:
    shown = cli("service", "install", "--dry-run", "--symbols", "btc,eth")
    assert shown.code == 0
    assert shown.out.startswith("# Written by `signalengine service install`")
    assert '"--symbols" "btc,eth"' in shown.out
    assert shown.out.endswith("WantedBy=default.target\n")
    assert not unit(tmp_path).parent.exists()
    assert programs.calls == ["systemctl --version"]


def test_a_symbol_that_is_none_is_refused_before_anything_is_written(
    cli: Cli, programs: Programs, tmp_path: Path
) -> None:
    assert cli("service", "install", "--source", "sim", "--symbols", "no/such/one").code == 2
    assert not unit(tmp_path).exists()


def test_root_is_refused_with_the_reason(
    cli: Cli, programs: Programs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = Session(0, "root", tmp_path, "linux", programs.session.environment)
    monkeypatch.setattr(Session, "current", lambda: root)
    refused = cli("service", "install")
    assert refused.code == 1
    assert "this is root" in refused.err
    assert "adduser" in refused.err
    assert cli("service", "install", "--dry-run").code == 0


@pytest.mark.parametrize("command", ["start", "stop", "restart", "status", "logs"])
def test_what_is_not_installed_says_how_to_install_it(
    cli: Cli, programs: Programs, command: str
) -> None:
    refused = cli("service", command)
    assert refused.code == 1
    assert "no service is installed" in refused.err
    assert "signalengine service install" in refused.err


@pytest.mark.enable_socket
def test_the_status_ends_with_one_unless_all_is_well(cli: Cli, programs: Programs) -> None:
    cli("service", "install", "--port", "1")
    found = cli("service", "status", "--json")
    document = json.loads(found.out)
    assert found.code == 1
    assert document["state"]["level"] == "running"
    assert document["health"]["status"] == "no answer"
    assert set(document) == {
        "file", "state", "health", "uptime_s", "disk", "data_dir", "port",
    }  # fmt: skip
    shown = cli("service", "status").out
    assert "running · 3 restarts" in shown


def test_the_logs_are_those_of_the_journal(cli: Cli, programs: Programs) -> None:
    cli("service", "install", "--no-start")
    assert cli("service", "logs", "--lines", "5").code == 0
    assert programs.calls[-1].endswith("--lines 5 --no-pager")
