"""A change of what the library means needs a new version of it."""

import hashlib
import json

import numpy as np
from signalengine.library import LIBRARY_VERSION
from signalengine.strategy.normal_form import syntax_digest

from research.conformance.library import CASES, folded, fresh
from tests.architecture.source import CORE, modules, tree

from .samples import all_periods, joined, random_bars, unknown
from .versions import PINNED

FOLDER = CORE / "library"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


EXITS = [CORE / "exits" / f"{name}.py" for name in ("levels", "rules", "ticks")]
"""What strategies write their exits with, and how bars fill them."""


def code() -> str:
    """Return the digest of the code that strategies compute with."""
    files = [path for path in modules(FOLDER) if path.stem != "__init__"]
    files += [*EXITS, CORE / "strategy" / "numbers.py"]
    return digest(" ".join(f"{path.stem}:{syntax_digest(tree(path))}" for path in files).encode())


def meanings() -> dict[str, str]:
    """Return the digest of each indicator's values and states on some bars."""
    bars = joined(random_bars(150, 8), unknown(), random_bars(60, 9))
    found = {}
    for case in CASES:
        numbers = []
        for periods in all_periods(case):
            s, at = fresh(case)
            numbers += [*folded(case, s, at, bars, periods).ravel(), *s]
        known = np.nan_to_num(np.array(numbers), nan=-1e300)
        found[case.name] = digest(known.tobytes())
    return found


def test_a_value_changes_only_with_the_version() -> None:
    pinned = dict(PINNED[LIBRARY_VERSION])
    pinned.pop("code")
    found = meanings()
    changed = sorted(name for name in pinned if found.get(name) != pinned[name])
    assert not changed, (
        f"{', '.join(changed)}: other values or another state than in version {LIBRARY_VERSION}. "
        "If that is meant, raise LIBRARY_VERSION in signalengine/library/__init__.py: strategies "
        "that were decided with the old values get other identities. Then add to PINNED in "
        f"tests/core/library/versions.py:\n{LIBRARY_VERSION + 1}: {row(found)}"
    )
    assert found.keys() == pinned.keys(), f"new: pin it in versions.py:\n{row(found)}"


def test_the_code_is_that_of_the_version() -> None:
    found = code()
    assert found == PINNED[LIBRARY_VERSION]["code"], (
        "The library's code has changed. If any value can change by it, on whatever bars, raise "
        "LIBRARY_VERSION in signalengine/library/__init__.py and add its row to PINNED in "
        f'tests/core/library/versions.py; if none can, set "code" there to "{found}".'
    )


def row(found: dict[str, str]) -> str:
    return json.dumps({"code": code(), **found}, indent=4)


def test_the_pinned_versions_are_all_up_to_this_one() -> None:
    assert sorted(PINNED) == list(range(1, LIBRARY_VERSION + 1))
