"""A service from its installation to its end, against stand-ins of the manager's programs."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from infra.errors import CommandError
from infra.local.service.installed import (
    install,
    installed,
    report,
    services,
    unseen,
    with_node,
)
from infra.local.service.launchd import LaunchdServices
from infra.local.service.plan import Plan
from infra.local.service.systemd import SystemdServices
from tests.infra.local.service.programs import Programs


class Screen:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.warned: list[str] = []


def installed_with(programs: Programs, plan: Plan, *, start: bool = True) -> Screen:
    screen, manager = Screen(), services(programs.session, Path("/logs"))
    say, warn = screen.said.append, screen.warned.append
    install(plan, programs.session, manager, start=start, say=say, warn=warn)
    return screen


def verbs(programs: Programs) -> list[str]:
    """Return the changes that systemctl was called for."""
    words = [call.split()[2] for call in programs.calls if call.startswith("systemctl --user")]
    return [word for word in words if word not in ("show", "reset-failed")]


def test_each_platform_has_its_manager(programs: Programs) -> None:
    logs = Path("/logs")
    assert isinstance(services(programs.session, logs), SystemdServices)
    mac = replace(programs.session, platform="darwin")
    assert isinstance(services(mac, logs), LaunchdServices)


def test_an_installation_lingers_enables_and_starts(programs: Programs, plan: Plan) -> None:
    screen = installed_with(programs, plan)
    assert verbs(programs) == ["daemon-reload", "enable", "restart"]
    assert screen.said[0].startswith("lingering switched on")
    assert screen.said[1].startswith("written: ")
    assert screen.warned == []
    assert stat.S_IMODE(plan.data_dir.stat().st_mode) == 0o700
    assert installed(services(programs.session, Path("/logs"))) == plan


def test_a_second_installation_changes_nothing(programs: Programs, plan: Plan) -> None:
    installed_with(programs, plan)
    unit = SystemdServices(programs.session).file
    before, state = unit.stat(), programs.state
    screen = installed_with(programs, plan)
    assert screen.said[0].startswith("lingering is on")
    assert screen.said[1].startswith("unchanged: ")
    assert (unit.stat().st_ino, programs.state) == (before.st_ino, state)
    assert verbs(programs)[3:] == ["daemon-reload", "enable", "start"]


def test_other_options_start_it_again(programs: Programs, plan: Plan) -> None:
    installed_with(programs, plan)
    installed_with(programs, replace(plan, port=9000))
    assert verbs(programs)[3:] == ["daemon-reload", "enable", "restart"]
    assert installed(services(programs.session, Path("/logs"))).port == 9000


def test_it_may_be_installed_without_a_start(programs: Programs, plan: Plan) -> None:
    installed_with(programs, plan, start=False)
    assert verbs(programs) == ["daemon-reload", "enable"]


def test_lingering_starts_the_manager_of_a_user_who_is_not_logged_in(
    programs: Programs, plan: Plan
) -> None:
    programs.set(bus=False)
    installed_with(programs, plan)
    assert programs.state["level"] == "active"


def test_without_the_right_to_linger_it_is_installed_and_says_so(
    programs: Programs, plan: Plan
) -> None:
    programs.set(may_linger=False)
    screen = installed_with(programs, plan)
    assert "sudo loginctl enable-linger ana" in screen.warned[0]
    assert programs.state["level"] == "active"


def test_root_is_refused_before_anything_is_written(programs: Programs, plan: Plan) -> None:
    root = replace(programs.session, uid=0)
    manager = services(root, Path("/logs"))
    with pytest.raises(CommandError, match="this is root"):
        install(plan, root, manager, start=True, say=print, warn=print)
    assert not manager.file.exists()
    assert not plan.data_dir.exists()
    assert verbs(programs) == []


def test_settings_of_the_shell_that_the_service_would_not_see_are_named(
    programs: Programs, plan: Plan
) -> None:
    environment = {"TELEGRAM_BOT_TOKEN": "1:x", "AI_ENABLED": "1", "PATH": "/bin"}
    assert unseen(environment, plan.data_dir) == ["AI_ENABLED", "TELEGRAM_BOT_TOKEN"]
    plan.data_dir.mkdir()
    (plan.data_dir / ".env").write_text("export AI_ENABLED=1\n# TELEGRAM_BOT_TOKEN=1\n")
    assert unseen(environment, plan.data_dir) == ["TELEGRAM_BOT_TOKEN"]
    seen = {**environment, **programs.session.environment}
    shell = replace(programs.session, environment=seen)
    warned: list[str] = []
    manager = services(shell, Path("/logs"))
    install(plan, shell, manager, start=True, say=lambda _text: None, warn=warned.append)
    name, _, fix = warned[0].partition(" is set in this shell")
    assert name == "TELEGRAM_BOT_TOKEN"
    assert fix.endswith(f"write it to {plan.data_dir}/.env")


def test_a_node_of_the_shell_alone_is_found_by_the_service(
    programs: Programs, plan: Plan, tmp_path: Path
) -> None:
    assert with_node(plan, programs.session) == plan
    node = tmp_path / "nvm" / "node"
    node.parent.mkdir()
    node.touch(mode=0o755)
    shell = replace(programs.session, environment={"PATH": str(node.parent)})
    assert with_node(plan, shell).path == f"{node.parent}:/usr/local/bin:/usr/bin:/bin"


def test_a_report_of_what_runs(programs: Programs, plan: Plan) -> None:
    installed_with(programs, plan)
    programs.set(pid=os.getpid())
    found = report(services(programs.session, Path("/logs")))
    assert found.state.level == "running"
    assert found.uptime_s is not None
    assert found.uptime_s > 0
    assert (found.health.status, found.is_well) == ("no answer", False)
    assert found.document()["disk"]["free"] == found.disk.free


def test_a_report_of_what_does_not_run(programs: Programs, plan: Plan) -> None:
    installed_with(programs, plan, start=False)
    found = report(services(programs.session, Path("/logs")))
    assert (found.state.level, found.uptime_s, found.health.reason) == (
        "stopped", None, "not running",
    )  # fmt: skip


def test_what_is_not_installed_has_no_report(programs: Programs) -> None:
    with pytest.raises(CommandError, match="no service is installed") as refused:
        report(services(programs.session, Path("/logs")))
    assert "service install" in refused.value.fix
