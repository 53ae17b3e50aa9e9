"""launchd's agent of a user, by the calls that reach its program."""

from pathlib import Path

import pytest

from infra.errors import CommandError
from infra.local.service.launchd import LaunchdServices
from infra.local.service.plan import Plan, State
from tests.infra.local.service.programs import Programs


@pytest.fixture
def launchd(programs: Programs, plan: Plan, tmp_path: Path) -> LaunchdServices:
    found = LaunchdServices(programs.session, tmp_path / "logs")
    found.file.parent.mkdir(parents=True)
    found.file.write_text(found.render(plan))
    return found


def test_the_property_list_is_where_launchd_reads_it(
    launchd: LaunchdServices, plan: Plan, tmp_path: Path
) -> None:
    assert launchd.file == tmp_path / "Library" / "LaunchAgents" / "signalengine.plist"
    assert launchd.read(launchd.file.read_text()) == plan
    assert str(tmp_path / "logs" / "service.log") in launchd.file.read_text()


def test_an_agent_is_started_stopped_and_forgotten(
    launchd: LaunchdServices, programs: Programs
) -> None:
    launchd.load(changed=True)
    launchd.start()
    assert launchd.state() == State("running", 1, enabled=True)
    launchd.restart()
    launchd.load(changed=True)
    launchd.start()
    launchd.stop()
    launchd.stop()
    assert launchd.state() == State("stopped", enabled=True)
    launchd.unload()
    assert not launchd.file.exists()
    assert f"launchctl bootstrap gui/1000 {launchd.file}" in programs.calls


def test_the_same_file_ends_no_agent(launchd: LaunchdServices, programs: Programs) -> None:
    launchd.load(changed=True)
    launchd.start()
    launchd.load(changed=False)
    assert launchd.state() == State("running", 1, enabled=True)


def test_an_agent_that_has_failed_says_so(launchd: LaunchdServices, programs: Programs) -> None:
    programs.set(loaded=True, exit="1")
    assert launchd.state() == State("failed", enabled=True, result="exit code 1")
    programs.set(exit="(never exited)")
    assert launchd.state().level == "stopped"


def test_a_refusal_is_passed_on(launchd: LaunchdServices) -> None:
    launchd.file.unlink()
    with pytest.raises(CommandError, match=r"bootstrap .*: Bootstrap failed: 5"):
        launchd.start()


def test_that_it_needs_a_log_in_is_said(launchd: LaunchdServices) -> None:
    warnings: list[str] = []
    assert launchd.lingering(warnings.append) == ""
    assert "while you are logged in" in warnings[0]


def test_its_log_is_shown(
    launchd: LaunchdServices, programs: Programs, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="there is no log yet"):
        launchd.follow(2, follow=False)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "service.log").write_text("one\ntwo\nthree\n")
    tail = tmp_path / "bin" / "tail"
    tail.symlink_to("/usr/bin/tail")
    assert launchd.follow(2, follow=False) == 0
    assert capfd.readouterr().out == "two\nthree\n"
