"""`python -m infra.local.baseline write` makes this release the baseline.

It writes the two templates, and items of every table as the product's own writers store them, into
tests/infra/baseline. The baseline moves at a release, never to make a test pass: what the tests
refuse would lose what operators have stored.
"""

import sys

from machine.terminal import program

from ..stack.assembly import synthesise
from .release import write_baseline


def main() -> int:
    """Run the command that the arguments name."""
    if sys.argv[1:] != ["write"]:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    write_baseline(synthesise())
    return 0


if __name__ == "__main__":
    program(main)
