"""Set-up selects the locked packages that a purpose needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.build import setup

PROJECT = """
[project]
name = "thing"
dependencies = ["Alpha>=1", "beta[extra]>=2"]

[project.optional-dependencies]
more = ["thing[rest]", "Gamma_One"]

[dependency-groups]
dev = ["thing[more]", "delta"]
docs = ["epsilon"]
"""
LOCK = """# Written by a tool.
alpha==1.0 \\
    --hash=sha256:00
    # via thing
beta==2.0 ; python_full_version < '3.13' \\
    --hash=sha256:01
    # via thing
beta==2.1 ; python_full_version >= '3.13' \\
    --hash=sha256:02
    # via thing
delta==1.0 \\
    --hash=sha256:03
    # via thing (pyproject.toml:dev)
epsilon==1.0 \\
    --hash=sha256:04
    # via thing (pyproject.toml:docs)
gamma-one==1.0 \\
    --hash=sha256:05
    # via thing
zeta==1.0 \\
    --hash=sha256:06
    # via
    #   alpha
    #   epsilon
zeta-core==1.0 \\
    --hash=sha256:07
    # via zeta
"""


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "PROJECT", tmp_path / "pyproject.toml")
    monkeypatch.setattr(setup, "LOCK", tmp_path / "requirements.txt")
    setup.PROJECT.write_text(PROJECT)
    setup.LOCK.write_text(LOCK)


def test_a_package_has_one_row_for_each_marker() -> None:
    assert [name for name, _ in setup.locked()].count("beta") == 2
    assert "".join(row for _, row in setup.locked()) == LOCK.split("\n", 1)[1]


def test_names_are_written_as_the_lock_writes_them() -> None:
    assert setup.name_of("TA-Lib>=0.6.7") == "ta-lib"
    assert setup.name_of("Gamma_One") == "gamma-one"
    assert setup.name_of("moto[dynamodb,sqs]>=5.1") == "moto"


def test_a_run_needs_its_packages_and_what_these_need() -> None:
    assert setup.needed(["run"]) == {"alpha", "beta", "zeta", "zeta-core"}


def test_the_tests_need_the_extras_too() -> None:
    assert setup.needed(["run", "dev"]) - setup.needed(["run"]) == {"delta", "gamma-one"}


def test_a_group_adds_its_own_packages() -> None:
    assert setup.needed(["run", "docs"]) - setup.needed(["run"]) == {"epsilon"}


def test_a_change_of_the_lock_is_a_reason_to_install_again() -> None:
    before = setup._wanted()
    setup.LOCK.write_text(LOCK.replace("1.0", "1.1"))
    assert setup._wanted() != before


def test_the_extras_are_the_purpose_research() -> None:
    assert setup.direct(["research"]) == {"gamma-one"}
    assert setup.needed(["run", "research"]) == setup.needed(["run"]) | {"gamma-one"}


def test_everything_is_installed_from_the_lock_and_old_installers_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    locks: list[set[str]] = []
    commands: list[list[str]] = []
    monkeypatch.setattr(setup, "_install_locked", locks.append)
    monkeypatch.setattr(setup, "_run", commands.append)
    setup._install(["run", "build"])
    assert locks == [{"alpha", "beta", "zeta", "zeta-core", "pip"}]
    remove, project = commands
    assert remove[-4:] == ["uninstall", "--quiet", "--yes", "setuptools"]
    assert {"--no-deps", "--no-build-isolation"} <= set(project)


def test_no_package_without_a_hash_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(setup, "_run", commands.append)
    setup._install_locked({"alpha"})
    assert {"--no-deps", "--require-hashes"} <= set(commands[0])


def test_it_prints_to_a_terminal_of_any_encoding() -> None:
    code = "from infra.build import setup; setup._use_any_terminal(); setup.say('done')"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", code], capture_output=True, check=False, env=environment
    )
    assert (done.stdout, done.stderr) == (b"? done\n", b"")


def test_a_home_that_cannot_be_written_is_no_place_for_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UV_NO_CACHE", "")
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    for home, found in ((tmp_path, ""), (tmp_path / "none", "1")):
        monkeypatch.setenv("HOME", str(home))
        setup._cache_packages()
        assert os.environ["UV_NO_CACHE"] == found
    assert "no package is cached" in capsys.readouterr().out
