"""Write requirements.txt: versions and hashes of every package, for all supported Pythons.

python3 infra/build/lock.py              keep the versions that still fit pyproject.toml
python3 infra/build/lock.py --upgrade    take the newest ones
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".venv" / "bin" / "uv"
LOCK = ROOT / "requirements.txt"
HEADER = "# Written by `make lock` from pyproject.toml. For Python 3.11 and newer, any system.\n"
COMMAND = [
    str(UV), "pip", "compile", "-", "--quiet", "--universal", "--python-version", "3.11",
    "--generate-hashes", "--no-emit-index-url", "--no-header", "--no-emit-package", "signalengine",
    "--group", "dev", "--group", "docs", "--group", "sbom", "--group", "tools",
    "--output-file", str(LOCK),
]  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    """Resolve this project with its extras and groups, and write the file."""
    project = "-e .[research,training,sweeps]\n"
    subprocess.run([*COMMAND, *arguments], cwd=ROOT, check=True, text=True, input=project)  # noqa: S603 - fixed words
    LOCK.write_text(HEADER + LOCK.read_text().removeprefix(HEADER))


if __name__ == "__main__":
    main(sys.argv[1:])
