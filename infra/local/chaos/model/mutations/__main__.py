"""`python -m infra.local.chaos.model.mutations write [REPORT]` writes docs/mutations.md.

REPORT is what `signalengine chaos --model --mutations --report` has written: who noticed each
mutation goes into mutations.toml first.
"""

import sys
from pathlib import Path

from machine.files import write
from machine.terminal import program

from .page import PAGE, noted, written
from .progress import read
from .table import TABLE, mutations


def main() -> int:
    """Run the command that the arguments name."""
    match sys.argv[1:]:
        case ["write", *reports] if len(reports) <= 1:
            for report in reports:
                found = read(Path(report))[1]
                write(TABLE, noted(TABLE.read_text(encoding="utf-8"), found))
            write(PAGE, written(PAGE.read_text(encoding="utf-8"), mutations()))
            return 0
    sys.stderr.write(f"{__doc__}\n")
    return 2


if __name__ == "__main__":
    program(main)
