"""Write the lock files: versions and hashes of every package, for all supported Pythons.

python3 infra/build/lock.py              keep the versions that still fit pyproject.toml
python3 infra/build/lock.py --upgrade    take the newest ones

requirements.txt has all packages of this project. The image of the ingest task and the vendor layer
install a part of it, in the same versions. The embedded AWS has an environment, and a lock, of its
own, because it pins botocore.
"""

import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from infra.build.setup import direct, locked, needed
from machine.files import write
from machine.terminal import program

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".venv" / "bin" / "uv"
LOCK = ROOT / "requirements.txt"
IMAGE = ROOT / "ingest_task" / "requirements.txt"
LAYER = ROOT / "layers" / "vendor" / "requirements.txt"
EMULATOR = ROOT / "infra" / "local" / "stack" / "requirements.txt"
HEADER = "# Written by `make lock` from pyproject.toml. For Python 3.11 and newer, any system.\n"
IMAGE_HEADER = "# Written by `make lock`: what the image of the ingest task installs.\n"
LAYER_HEADER = """\
# Written by `make lock`: what the functions import besides the standard library, this project and
# what Lambda's Python brings along (boto3, botocore, urllib3). Installed without resolving.
"""
EMULATOR_HEADER = "# Written by `make lock` from requirements.in: the embedded AWS.\n"
GROUPS = ("dev", "docs", "sbom", "audit", "image", "layer", "build", "tools")
COMMAND = (
    str(UV), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11",
    "--generate-hashes", "--no-emit-index-url", "--no-header", "--no-emit-package", "signalengine",
)  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    """Resolve this project and the embedded AWS, and write the four files."""
    groups = [word for group in GROUPS for word in ("--group", group)]
    project = "-e .[research,training,notebook,sweeps,sql]\n"
    _resolve(["-", *groups, *arguments], LOCK, HEADER, project)
    _resolve([str(EMULATOR.with_suffix(".in")), *arguments], EMULATOR, EMULATOR_HEADER)
    _write_part(IMAGE, IMAGE_HEADER, needed(["image"]))
    _write_part(LAYER, LAYER_HEADER, direct(["layer"]))


def _resolve(words: Sequence[str], target: Path, header: str, project: str | None = None) -> None:
    command = [*COMMAND, *words, "--output-file", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, encoding="utf-8", input=project)  # noqa: S603 - fixed words
    write(target, header + target.read_text(encoding="utf-8").removeprefix(header))


def _write_part(target: Path, header: str, names: Collection[str]) -> None:
    rows = [row for name, row in locked() if name in names]
    lines = [line for row in rows for line in row.splitlines() if "    #" not in line]
    write(target, header + "".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    program(lambda: main(sys.argv[1:]))
