"""`python -m infra.local.container.prepare`: makes a checkout ready to run from a read-only disk.

Builds the dashboard, installs the embedded AWS and compiles it, and synthesises the stack with its
assets.
"""

import compileall
import shutil
from pathlib import Path

from infra.build.dashboard import MODULES, build_site
from infra.local.container.places import STATE
from infra.local.stack.assembly import synthesise
from infra.local.stack.ministack import HOME, install
from infra.local.stack.options import STATE_DIR
from infra.local.stack.running import FILE
from machine.terminal import program


def main() -> None:
    """Do each step once; a second run finds all of it done."""
    build_site()
    install()
    synthesise().files()
    compileall.compile_dir(HOME, quiet=2)  # it sees no variable that leads elsewhere
    shutil.rmtree(MODULES, ignore_errors=True)
    link(STATE_DIR / FILE, STATE / FILE)


def link(place: Path, target: Path) -> None:
    """Let commands find the running system without an option."""
    place.unlink(missing_ok=True)
    place.symlink_to(target)


if __name__ == "__main__":
    program(main)
