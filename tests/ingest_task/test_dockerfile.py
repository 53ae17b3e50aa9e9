"""The image: by hadolint's rules, and by ours."""

import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT

DOCKERFILE = ROOT / "ingest_task" / "Dockerfile"


def instructions() -> list[str]:
    text = DOCKERFILE.read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_hadolint_finds_nothing() -> None:
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(  # noqa: S603 - a linter from our own environment
        [program, DOCKERFILE], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_task_runs_without_rights_and_files_that_change_most_are_copied_last() -> None:
    lines = instructions()
    assert lines.index("USER 10001:10001") > max(
        n for n, line in enumerate(lines) if line.startswith(("RUN", "COPY"))
    )
    copies = [line for line in lines if line.startswith("COPY")]
    assert copies[0].startswith("COPY ingest_task/requirements.txt")
    assert copies[-1] == "COPY ingest_task/ ingest_task/"
    assert not any("amd64" in line or "x86" in line for line in lines)
    assert lines[-1].startswith("CMD [")
    assert any(line.startswith("HEALTHCHECK") for line in lines)
