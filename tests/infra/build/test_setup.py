"""Set-up selects the locked packages that a purpose needs."""

import os
import re
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


# --- interrupted at every step, with tools that take no time -------------------------------------


class Interrupt(BaseException):
    """What a signal raises."""


class Tools:
    """venv, pip and uv: each call changes .venv in two steps, and may be interrupted between."""

    def __init__(self) -> None:
        self.calls = 0
        self.interrupt_at: int | None = None
        self.fail_at: int | None = None

    def run(self, command: list[str]) -> None:
        self.calls += 1
        site = setup.VENV / "lib" / "python3.11" / "site-packages"
        if "venv" in command:
            (setup.VENV / "bin").mkdir(parents=True)
            setup.PYTHON.touch()
            self._interrupted()
            (site / "pip-1.dist-info").mkdir(parents=True)
            (site / "pip-1.dist-info" / "RECORD").touch()
            return
        assert (site / "pip-1.dist-info").exists(), "an unfinished .venv was used"
        names = Path(command[-1]).read_text() if "-r" in command else "thing==1.0"
        for name in re.findall(r"^([a-z-]+)==", names, flags=re.MULTILINE):
            (site / f"{name}-1.dist-info").mkdir(exist_ok=True)
            self._interrupted()
            (site / f"{name}-1.dist-info" / "RECORD").touch()

    def _interrupted(self) -> None:
        if self.calls == self.interrupt_at:
            raise Interrupt
        if self.calls == self.fail_at:
            raise setup.SetupError("no network")


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    venv = tmp_path / ".venv"
    for name, value in {
        "VENV": venv, "PYTHON": venv / "bin" / "python", "UV": venv / "bin" / "uv",
        "STAMP": venv / "signalengine.json", "LOCAL": tmp_path / ".local",
        "_works": lambda: setup.PYTHON.exists(), "_major": lambda _node: setup.OLDEST_NODE,
    }.items():  # fmt: skip
        monkeypatch.setattr(setup, name, value)
    monkeypatch.setattr(setup.shutil, "which", lambda _name: "/usr/bin/node")
    monkeypatch.setattr(setup.proxies, "problem", lambda _environ: None)
    found = Tools()
    monkeypatch.setattr(setup, "_run", found.run)
    return found


def is_whole(groups: list[str]) -> bool:
    wanted = {name for name in setup.needed(groups) if name in dict(setup.locked())}
    found = {name.removesuffix("-1.dist-info") for name in setup.markers.installed(setup.VENV)}
    return setup._is_done(groups) and wanted | {"pip", "thing"} <= found


STEPS = 4  # venv, uv, the packages, this project


@pytest.mark.parametrize("step", range(1, STEPS + 1))
@pytest.mark.parametrize("groups", [["run"], ["run", "dev"]])
def test_a_first_start_that_was_interrupted_is_repaired_by_the_next(
    tools: Tools, step: int, groups: list[str]
) -> None:
    options = [f"--{group}" for group in groups if group != "run"]
    tools.interrupt_at = step
    if step == 2:  # uv is no package of this lock: nothing to interrupt
        setup.main(options)
    else:
        with pytest.raises(Interrupt):
            setup.main(options)
        assert not setup._is_done(groups)
    tools.interrupt_at = None
    setup.main(options)
    assert is_whole(groups)
    tools.calls = 0
    setup.main(options)
    assert tools.calls == 0


@pytest.mark.parametrize("step", [1, 2])
def test_an_interrupted_change_is_never_taken_for_whole(tools: Tools, step: int) -> None:
    setup.main([])
    setup.UV.touch()
    tools.calls, tools.interrupt_at = 0, step
    with pytest.raises(Interrupt):
        setup.main(["--dev"])
    assert not setup._is_done(["run"])
    tools.interrupt_at = None
    setup.main(["--dev"])
    assert is_whole(["run", "dev"])


def test_a_change_that_fails_leaves_what_was_there(tools: Tools) -> None:
    setup.main([])
    setup.UV.touch()
    tools.calls, tools.fail_at = 0, 1
    with pytest.raises(setup.SetupError):
        setup.main(["--dev"])
    assert setup._is_done(["run"])
    assert not setup._is_done(["run", "dev"])


def test_a_missing_package_is_installed_again_without_a_new_venv(tools: Tools) -> None:
    setup.main([])
    setup.UV.touch()
    (record,) = setup.VENV.glob("lib/*/site-packages/alpha-1.dist-info/RECORD")
    record.unlink()
    assert not setup._is_done(["run"])
    setup.main([])
    assert setup.UV.exists()
    assert is_whole(["run"])


@pytest.mark.parametrize("text", ["", "[]", "{", '{"run": "x"}'])
def test_a_damaged_stamp_is_no_stamp(tools: Tools, text: str) -> None:
    setup.main([])
    setup.STAMP.write_text(text)
    assert not setup._is_done(["run"])
    setup.main([])
    assert is_whole(["run"])
