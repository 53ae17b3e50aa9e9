"""`python -m infra.local.permissions` writes docs/permissions.md, or removes rights as a trial.

write [FOLDER]: write the page from the template; FOLDER has what the tests of a run used, which
PERMISSIONS_SEEN=FOLDER made them leave there.
drill all | drill COUNT SEED: remove rights, and print which test failed without each.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from machine.files import write
from machine.terminal import program

from ..stack.assembly import synthesise
from .by_aws import uses
from .drill import missed, some
from .evidence import chosen, seen
from .grants import Grant, grants
from .page import PAGE, Tests, read, written


def main() -> int:
    """Run the command that the arguments name."""
    match sys.argv[1:]:
        case ["write", *folders] if len(folders) <= 1:
            return rewrite(Path(folders[0]) if folders else None)
        case ["drill", "all"]:
            return remove(read(PAGE.read_text(encoding="utf-8")))
        case ["drill", count, seed]:
            rows = read(PAGE.read_text(encoding="utf-8"))
            return remove({one: rows[one] for one in some(rows, int(count), int(seed))})
    sys.stderr.write(f"{__doc__}\n")
    return 2


def rewrite(folder: Path | None) -> int:
    """Write the page; name tests anew where a run left what they used."""
    template = synthesise().template
    found, text = grants(template), PAGE.read_text(encoding="utf-8")
    tests = chosen(found, seen(folder) if folder else {}, read(text))
    write(PAGE, written(text, found, uses(template), tests))
    return 0


def remove(removed: Mapping[Grant, Tests]) -> int:
    """Print the test that failed without each right; returns 1 where none did."""
    failed = missed(removed)
    lines = ["| role | action | resource | test that failed |", "|---|---|---|---|"]
    for grant, test in sorted(failed.items()):
        name = f"`{test}`" if test else "none"
        lines.append(f"| {grant.role} | `{grant.action}` | `{grant.resource}` | {name} |")
    noticed = sum(map(bool, failed.values()))
    lines += ["", f"{noticed} of {len(failed)} removed rights made a test fail."]
    sys.stdout.write("\n".join([*lines, ""]))
    return int(noticed < len(failed))


if __name__ == "__main__":
    program(main)
