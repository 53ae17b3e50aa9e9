"""The image: by hadolint's rules, and by ours."""

import re
import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT

DOCKERFILE = ROOT / "ingest_task" / "Dockerfile"


def instructions() -> list[str]:
    text = DOCKERFILE.read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_base_is_an_image_of_one_digest() -> None:
    """Neither a tag that moves nor another frontend decides what is built."""
    stages = [line.split() for line in instructions() if line.startswith("FROM")]
    names = {words[-1] for words in stages if "AS" in words}
    outside = [words[1] for words in stages if words[1] not in names]
    assert [bool(re.fullmatch(r"\S+:\S+@sha256:[0-9a-f]{64}", name)) for name in outside] == [True]
    assert "syntax=" not in DOCKERFILE.read_text()
    assert not any("--from=" in line and "--from=packages" not in line for line in instructions())


def test_only_locked_wheels_are_installed_and_no_installer_stays() -> None:
    installs = [line for line in instructions() if "pip install" in line]
    assert len(installs) == 1
    assert {"--no-deps", "--require-hashes", "--only-binary=:all:"} <= set(installs[0].split())
    last = instructions()[instructions().index("FROM base") :]
    assert any("pip uninstall --yes" in line for line in last)
    assert not any("apt" in line or "curl" in line for line in instructions())


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
