"""Removes rights, and runs the tests that docs/permissions.md names for them: each has to fail.

A test of a handler runs without one right at a time. The test of what AWS's services need runs
once without all that are removed, and has to list each of them.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

from infra.assets import ROOT

from .grants import Grant
from .page import DEMANDED_BY, Tests

WITHOUT: Final = "PERMISSIONS_WITHOUT"
"""Variable with the path of a file that says which rights each test lacks."""
DEMANDED: Final = "::".join(DEMANDED_BY)
Round: TypeAlias = Mapping[str, Sequence[Grant]]
"""What each test lacks, by its file and function."""
Test: TypeAlias = str


def some(grants: Collection[Grant], count: int, seed: int) -> list[Grant]:
    """Return rights at random, the same for the same seed."""
    return sorted(random.Random(seed).sample(sorted(grants), min(count, len(grants))))


def chosen_test(tests: Tests) -> Test:
    """Return the test that is run without a right: one of a handler, else of the template."""
    names = ["::".join(one) for one in tests]
    for begin in ("tests/functions/", "tests/infra/"):
        for name in names:
            if name.startswith(begin):
                return name
    raise ValueError(f"no test of a handler or of the template is named: {tests}")


def rounds(removed: Mapping[Grant, Tests]) -> list[dict[Test, list[Grant]]]:
    """Return what each test lacks in each run."""
    planned: list[dict[Test, list[Grant]]] = []
    for grant, tests in removed.items():
        test = chosen_test(tests)
        for lacking in planned:
            if test == DEMANDED or test not in lacking:
                lacking.setdefault(test, []).append(grant)
                break
        else:
            planned.append({test: [grant]})
    return planned


def missed(removed: Mapping[Grant, Tests]) -> dict[Grant, str]:
    """Return for each right the test that failed without it, "" where it passed."""
    return {
        grant: test if failed else ""
        for lacking in rounds(removed)
        for grant, test, failed in _run(lacking)
    }


def lacking(test: Test) -> set[Grant]:
    """Return the rights that this run takes from a test, or from a folder of tests."""
    path = os.environ.get(WITHOUT)
    found = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
    return {Grant(*row) for name, rows in found.items() if name.startswith(test) for row in rows}


def _run(lacking: Round) -> Iterator[tuple[Grant, Test, bool]]:
    rows = {
        test: [[one.role, one.action, one.resource, one.condition] for one in removed]
        for test, removed in lacking.items()
    }
    with TemporaryDirectory() as folder:
        path = Path(folder) / "without.json"
        path.write_text(json.dumps(rows), encoding="utf-8")
        done = subprocess.run(  # noqa: S603 - our own tests
            [sys.executable, "-m", "pytest", "-n", "0", "-vv", "-p", "no:cacheprovider", *lacking],
            cwd=ROOT,
            env={**os.environ, WITHOUT: str(path)},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    ends = done.stdout.rpartition("short test summary info")[2]
    for test, removed in lacking.items():
        failed = any(f"{word} {test}" in ends for word in ("FAILED", "ERROR"))
        for grant in removed:
            yield grant, test, failed and (test != DEMANDED or repr(grant) in done.stdout)
