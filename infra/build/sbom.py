"""Write bills of materials in CycloneDX form into build/sbom: one for each thing that is installed.

python -m infra.build.sbom

The layers `core` and `aws` and the functions have this project's own files alone; what they import
is in the vendor layer.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from infra.build.cdk import FOLDER as CDK
from infra.build.dashboard import WEB, WebBuildError, run_npm
from infra.build.lock import EMULATOR, IMAGE, LAYER, LOCK, ROOT
from machine.files import write
from machine.terminal import program

TARGET = ROOT / "build" / "sbom"
DOCKERFILE = ROOT / "ingest_task" / "Dockerfile"
PYTHON = {
    "vendor_layer": (LAYER, "The Lambda layer with the packages of others"),
    "ingest_task": (IMAGE, "The image of the ingest task"),
    "embedded_aws": (EMULATOR, "The embedded AWS of a local run"),
    "development": (LOCK, "A checkout with everything that tests and documentation need"),
}


def main() -> None:
    """Write every bill, reproducibly: the same locks give the same bytes."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, (lock, title) in PYTHON.items():
        bill = _python(lock)
        bill["metadata"]["component"] |= {"name": f"signalengine-{name}", "description": title}
        if lock == IMAGE:
            bill["components"].append(_base())
        _write(name, bill)
    _write("dashboard", _npm(WEB, "dashboard"))
    _write("cdk_command", _npm(CDK, "cdk_command"))
    print("The bills of materials are in build/sbom")  # noqa: T201 - this is a command


def _python(lock: Path) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 - fixed words and our own files
        [
            sys.executable, "-m", "cyclonedx_py", "requirements", str(lock),
            "--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible",
        ],
        check=True, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    bill: dict[str, Any] = json.loads(done.stdout)
    return bill


def _base() -> dict[str, Any]:
    """Return the base image as a component; its Debian packages are in its own bill."""
    found = re.search(
        r"^FROM (\w+):(\S+)@(sha256:\w+)", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE
    )
    if found is None:
        raise ValueError("ingest_task/Dockerfile names no base image by digest")
    name, tag, digest = found.groups()
    purl = f"pkg:docker/library/{name}@{digest.replace(':', '%3A')}?tag={tag}"
    return {"type": "container", "bom-ref": purl, "name": name, "version": digest, "purl": purl}


def _npm(folder: Path, name: str) -> dict[str, Any]:
    words = ("--package-lock-only", "--sbom-format=cyclonedx", "--loglevel=silent")
    done = run_npm(["sbom", *words], folder)
    if done.returncode != 0:
        raise WebBuildError(f"npm sbom failed:\n{done.stdout}")
    bill: dict[str, Any] = json.loads(done.stdout)
    del bill["serialNumber"], bill["metadata"]["timestamp"]  # the only parts that change
    bill["metadata"]["component"] |= {"name": f"signalengine-{name}", "type": "application"}
    return bill


def _write(name: str, bill: dict[str, Any]) -> None:
    write(TARGET / f"{name}.json", json.dumps(bill, indent=2) + "\n")


if __name__ == "__main__":
    program(main)
