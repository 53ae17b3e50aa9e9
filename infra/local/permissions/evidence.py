"""Chooses the tests that docs/permissions.md names, from what runs of the tests left."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from .grants import Grant
from .page import Tests

Runs: TypeAlias = Mapping[str, list[set[Grant]]]
"""What each test used, by its file and function; once for each of its parameters."""
_EMBEDDED: Final = "tests/flow/"
_BY_CHANCE: Final = ("hostile", "test_api_schema", "test_every_input", "interrupt", "however")
"""Parts of the names of tests whose calls depend on their examples."""


def seen(folder: Path) -> dict[str, list[set[Grant]]]:
    """Return what the tests of a run used, from the files that their processes left."""
    runs: dict[str, list[set[Grant]]] = {}
    for path in sorted(folder.glob("*.json")):
        for test, used in json.loads(path.read_text(encoding="utf-8")).items():
            runs.setdefault(test, []).extend({Grant(*row) for row in rows} for rows in used)
    return runs


def chosen(
    grants: Iterable[Grant], runs: Runs, before: Mapping[Grant, Tests]
) -> dict[Grant, Tests]:
    """Return the tests to name for each right.

    It is one in the embedded AWS and one of the handlers' own; one named before stays if it still
    uses the right in each of its runs, or was not run.
    """
    always = {
        test: set.intersection(*used)
        for test, used in runs.items()
        if used and not any(word in test for word in _BY_CHANCE)
    }
    found = {}
    for grant in grants:
        plain = Grant(grant.role, grant.action, grant.resource)
        users = [test for test, used in always.items() if used & {grant, plain}]
        stay = [
            test
            for test in map("::".join, before.get(grant, ()))
            if test not in always or test in users
        ]
        named = [
            one
            for embedded in (True, False)
            for one in _first(
                [test for test in stay if test.startswith(_EMBEDDED) is embedded],
                [test for test in users if test.startswith(_EMBEDDED) is embedded],
                grant.role,
            )
        ]
        found[grant] = tuple((test.split("::")[0], test.split("::")[1]) for test in named)
    return found


def _first(stay: list[str], users: list[str], role: str) -> list[str]:
    """Return the tests that stay, else the best of those that use the right."""
    return stay or sorted(users, key=lambda test: (f"test_{role}.py" not in test, test))[:1]
