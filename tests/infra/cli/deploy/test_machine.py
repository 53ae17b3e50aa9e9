"""This machine's tools: programs on PATH that answer as Docker does."""

from pathlib import Path

import pytest

from infra.assets import LAMBDA_PYTHON
from infra.cli.deploy import machine
from infra.cli.deploy.checks import Check
from infra.cli.deploy.machine import machine_checks, platforms

BUILDER = """\
Name:          default
Driver:        docker
Last Activity: 2026-11-29 09:00:00 +0000 UTC

Nodes:
Name:             default
Endpoint:         default
Status:           running
BuildKit version: v0.22.0
Platforms:        {platforms}
Labels:
 org.mobyproject.buildkit.worker.moby.host-gateway-ip: 172.17.0.1
"""
EMULATING = "linux/amd64, linux/amd64/v2, linux/arm64*, linux/riscv64, linux/386"
PLAIN = "linux/amd64, linux/amd64/v2, linux/386"


def docker(folder: Path, version: str, builder: str | None) -> None:
    """Write a `docker` that prints what the real one does; with None it has no buildx."""
    inspected = "exit 1" if builder is None else f"cat <<'END'\n{builder}END"
    (folder / "docker").write_text(
        "#!/bin/sh\n"
        f'if [ "$1" = version ]; then {version}; exit; fi\n'
        f'if [ "$1 $2 $3" = "buildx inspect --bootstrap" ]; then\n{inspected}\nexit\nfi\n'
        "exit 1\n"
    )
    (folder / "docker").chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("CDK_DOCKER", raising=False)
    return tmp_path


def found() -> dict[str, Check]:
    return {check.name: check for check in machine_checks()}


@pytest.mark.parametrize(
    ("version", "builder", "text"),
    [
        ("echo 28.2 arm64", None, "native"),
        ("echo 28.2 amd64", BUILDER.format(platforms=EMULATING), "emulated on amd64"),
    ],
)
def test_docker_that_builds_for_arm64_is_fine(
    path: Path, version: str, builder: str | None, text: str
) -> None:
    docker(path, version, builder)
    checks = found()
    assert (checks["Docker"].state, checks["Docker"].found) == ("ok", "28.2")
    assert (checks["arm64 images"].state, checks["arm64 images"].found) == ("ok", text)


@pytest.mark.parametrize("builder", [None, BUILDER.format(platforms=PLAIN)])
def test_docker_that_does_not_emulate_arm64_is_refused_with_the_fix(
    path: Path, builder: str | None
) -> None:
    """The build would fail at its first RUN, after the CDK has begun."""
    docker(path, "echo 28.2 amd64", builder)
    check = found()["arm64 images"]
    assert check.state == "failed"
    assert "binfmt --install arm64" in check.fix


def test_docker_that_does_not_run_is_refused(path: Path) -> None:
    docker(path, "echo 'Cannot connect to the Docker daemon' >&2; exit 1", None)
    assert found()["Docker"].state == "failed"
    assert "arm64 images" not in found()


def test_the_tool_that_the_cdk_takes_is_the_one_that_is_tried(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker(path, "echo 5.4 arm64", None)
    (path / "docker").rename(path / "finch")
    monkeypatch.setenv("CDK_DOCKER", "finch")
    assert found()["Docker"].found == "5.4"


def test_a_missing_python_is_advice(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deployment downloads it."""
    monkeypatch.setattr(machine, "known", lambda _version: None)
    checks = found()
    name = "Python {}.{}".format(*LAMBDA_PYTHON)
    assert (checks[name].state, "uv" in checks[name].fix) == ("advice", True)
    assert checks["Node"].state == "ok"


def test_platforms_are_read_from_every_node_of_a_builder() -> None:
    text = f"Name: a\nPlatforms: {PLAIN}\n\nName: b\nPlatforms: linux/arm64*\n"
    assert {"linux/amd64", "linux/arm64"} <= platforms(text)
    assert platforms("Name: a\n") == set()
