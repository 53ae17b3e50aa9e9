"""The documentation site builds without a warning, and a broken link is one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .source import ROOT

DOCS = ROOT / "docs"
pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def _installed() -> None:
    setup = ROOT / "infra" / "build" / "setup.py"
    command = [sys.executable, str(setup), "--docs"]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - fixed words


def build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """Build a site as `make docs` does."""
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"]
    command += [str(source), str(target)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words


@pytest.mark.usefixtures("_installed")
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    done = build(DOCS, tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "index.html").read_text()
    for reader in ("For users", "For operators", "For researchers", "For developers"):
        assert reader in page
    assert 'src="http' not in page
    assert '<link rel="stylesheet" type="text/css" href="http' not in page


@pytest.mark.usefixtures("_installed")
@pytest.mark.parametrize("link", ["gone.md", "feed.md#no-such-heading"])
def test_a_broken_link_fails_the_build(link: str, tmp_path: Path) -> None:
    source = tmp_path / "docs"
    source.mkdir()
    shutil.copy(DOCS / "conf.py", source)
    shutil.copytree(DOCS / "_static", source / "_static")
    (source / "feed.md").write_text("# The feed\n")
    (source / "index.md").write_text(f"# Index\n\n[a]({link})\n\n```{{toctree}}\nfeed\n```\n")
    done = build(source, tmp_path / "site")
    assert done.returncode != 0
    assert "xref_missing" in done.stderr
