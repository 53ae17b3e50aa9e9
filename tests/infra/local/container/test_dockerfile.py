"""The image of the whole system: by hadolint's rules, and by ours."""

import re
import subprocess
import sys
from pathlib import Path

from infra.local.container.places import DATA, INSIDE
from infra.local.storage.folder import VARIABLE
from tests.paths import ROOT

FOLDER = ROOT / "infra" / "local" / "container"
DOCKERFILE = FOLDER / "Dockerfile"


def instructions() -> list[str]:
    text = DOCKERFILE.read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_hadolint_finds_nothing() -> None:
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(  # noqa: S603 - a linter from our own environment
        [program, DOCKERFILE], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_base_is_the_one_of_the_ingest_task() -> None:
    """One image of one digest, which decides what is built: no tag moves, no other frontend."""
    (base,) = (line for line in instructions() if line.startswith("FROM python"))
    assert re.fullmatch(r"FROM \S+:\S+@sha256:[0-9a-f]{64} AS base", base)
    assert base in (ROOT / "ingest_task" / "Dockerfile").read_text()
    assert "syntax=" not in DOCKERFILE.read_text()
    assert not re.search("amd64|x86|arm64|curl|apt", " ".join(instructions()))


def test_each_step_of_the_build_is_a_script_of_this_project() -> None:
    """Both are run in an empty folder by test_prepare.py."""
    end = instructions().index("FROM base")
    steps = [line.removeprefix("RUN ") for line in instructions()[:end] if line.startswith("RUN")]
    assert steps == [
        "python3 infra/build/setup.py",
        ".venv/bin/python -m infra.local.container.prepare",
    ]


def test_the_system_runs_without_rights_and_writes_to_its_volume() -> None:
    lines = instructions()
    user = lines.index("USER 10001:10001")
    assert user > max(n for n, line in enumerate(lines) if line.startswith(("RUN", "COPY")))
    assert f'VOLUME ["{DATA}"]' in lines
    assert f"EXPOSE {INSIDE}" in lines
    assert f" {VARIABLE}={DATA} " in " ".join(lines)  # backup and restore find the data, too
    assert any("pip uninstall --yes" in line for line in lines)
    assert lines[-2:] == [
        'ENTRYPOINT ["python", "-m", "infra.cli.local.container"]',
        'CMD ["--source", "live"]',
    ]
    assert any("infra.local.container.check" in line for line in lines)
