"""The unit: read back as it was planned, and understood by systemd itself."""

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from infra.errors import CommandError
from infra.local.service.plan import Plan, checked
from infra.local.service.systemd_unit import NAME, read, render
from tests.infra.local.service.plans import ODD, PLAIN, PLANS


@given(PLANS)
def test_a_plan_is_read_back_from_its_unit(plan: Plan) -> None:
    for version in (249, 257):
        assert read(render(plan, version)) == plan


def test_another_file_is_no_unit_of_ours() -> None:
    with pytest.raises(CommandError, match="not as `service install` writes it"):
        read("[Service]\nExecStart=/bin/true\n")


def test_the_delay_between_restarts_grows_where_systemd_can(plan: Plan) -> None:
    assert "RestartSec=30\nRestartPrevent" in render(plan, 253)
    assert "RestartMaxDelaySec=120" in render(plan, 254)
    assert "RestartMaxDelaySec" not in render(plan, 253)


def test_the_unit_has_no_option_that_needs_a_namespace(plan: Plan) -> None:
    """A user's manager may not be allowed to make one, and the service would not start."""
    words = ("PrivateTmp", "ProtectSystem", "ProtectHome", "PrivateUsers", "ReadOnlyPaths")
    assert not [word for word in words if word in render(plan, 257)]


def test_systemd_understands_every_line(plan: Plan, tmp_path: Path) -> None:
    assert verified(render(plan, version()), tmp_path) == (0, "")


def test_systemd_understands_odd_paths(plan: Plan, tmp_path: Path) -> None:
    folder, binaries = (tmp_path.joinpath(*place.parts[1:]) for place in (ODD, PLAIN))
    folder.mkdir(parents=True)
    program = Path(shutil.copy(plan.program, binaries / "signal engine"))
    odd = checked(replace(plan, program=program, data_dir=folder, policy=folder / "p.json"))
    assert verified(render(odd, version()), tmp_path) == (0, "")


def test_systemd_complains_about_what_it_does_not_know(plan: Plan, tmp_path: Path) -> None:
    """The two tests above would notice a word that is wrong, and a program that is not there."""
    text = render(plan, version())
    assert "Unknown key" in verified(text.replace("WatchdogSec", "WatchdogSecs"), tmp_path)[1]
    assert "not executable" in verified(text.replace(plan.program.name, "nothing"), tmp_path)[1]


def verified(text: str, folder: Path) -> tuple[int, str]:
    """Return what `systemd-analyze verify` says about a unit."""
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    unit = folder / NAME
    unit.write_text(text)
    done = subprocess.run(  # noqa: S603 - systemd's own checker
        [analyze(), "--user", "--man=no", "verify", str(unit)],
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime), "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr


def version() -> int:
    done = subprocess.run([analyze(), "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - as above
    return int(done.stdout.split()[1])


def analyze() -> str:
    program = shutil.which("systemd-analyze")
    assert program, "systemd-analyze is missing; on Debian: apt-get install systemd (.ci/run does)"
    return program
