"""systemd's manager of a user, by the calls that reach its programs."""

from pathlib import Path

import pytest

from infra.errors import CommandError
from infra.local.service.plan import Plan, State
from infra.local.service.systemd import SystemdServices
from tests.infra.local.service.programs import Programs


@pytest.fixture
def systemd(programs: Programs, plan: Plan) -> SystemdServices:
    found = SystemdServices(programs.session)
    found.file.parent.mkdir(parents=True)
    found.file.write_text(found.render(plan))
    return found


def test_the_unit_is_where_the_convention_says(programs: Programs, tmp_path: Path) -> None:
    place = SystemdServices(programs.session).file
    assert place == tmp_path / ".config" / "systemd" / "user" / "signalengine.service"


def test_the_unit_is_of_the_version_that_is_here(programs: Programs, plan: Plan) -> None:
    services = SystemdServices(programs.session)
    assert "RestartMaxDelaySec" not in services.render(plan)
    programs.set(version="257.8-1~deb13u2")
    assert "RestartMaxDelaySec" in services.render(plan)
    assert services.read(services.render(plan)) == plan


def test_a_service_is_loaded_started_stopped_and_forgotten(
    systemd: SystemdServices, programs: Programs
) -> None:
    systemd.load(changed=True)
    assert systemd.state() == State("stopped", 0, enabled=True, restarts=3, result="success")
    systemd.start()
    assert (systemd.state().level, systemd.state().pid) == ("running", 1)
    systemd.restart()
    systemd.stop()
    assert systemd.state().level == "stopped"
    systemd.unload()
    assert not systemd.file.exists()
    assert not programs.state["loaded"]
    assert not programs.state["enabled"]
    assert "systemctl --user start --no-block signalengine.service" in programs.calls


@pytest.mark.parametrize(
    ("word", "level"),
    [("active", "running"), ("activating", "starting"), ("deactivating", "stopping"),
     ("failed", "failed"), ("inactive", "stopped"), ("maintenance", "stopped")],
)  # fmt: skip
def test_its_words_are_ours(
    systemd: SystemdServices, programs: Programs, word: str, level: str
) -> None:
    programs.set(level=word)
    assert systemd.state().level == level


def test_a_refusal_is_passed_on(systemd: SystemdServices) -> None:
    with pytest.raises(CommandError, match=r"start --no-block .*: Unit .* not found"):
        systemd.start()


def test_without_a_manager_of_the_user_the_remedy_is_named(
    systemd: SystemdServices, programs: Programs
) -> None:
    programs.set(bus=False)
    with pytest.raises(CommandError, match="manager of this user does not run") as refused:
        systemd.state()
    assert "sudo loginctl enable-linger ana" in refused.value.fix


def test_lingering_is_switched_on_once(systemd: SystemdServices, programs: Programs) -> None:
    warnings: list[str] = []
    assert systemd.lingering(warnings.append).startswith("lingering switched on")
    assert systemd.lingering(warnings.append).startswith("lingering is on")
    assert programs.calls.count("loginctl enable-linger ana") == 1
    assert warnings == []


def test_without_the_right_to_linger_the_remedy_is_named(
    systemd: SystemdServices, programs: Programs
) -> None:
    programs.set(may_linger=False)
    warnings: list[str] = []
    assert systemd.lingering(warnings.append) == ""
    (warning,) = warnings
    assert "Interactive authentication required" in warning
    assert warning.endswith("sudo loginctl enable-linger ana")


def test_the_journal_is_shown(systemd: SystemdServices, programs: Programs) -> None:
    assert systemd.follow(20, follow=True) == 0
    call = "journalctl --user --unit signalengine.service --lines 20 --no-pager --follow"
    assert programs.calls[-1] == call
