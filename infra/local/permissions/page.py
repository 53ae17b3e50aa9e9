"""docs/permissions.md: each right with the tests in which it is used.

The page is written from the template; which tests use a right stands in the page alone, and the
tests hold it to that. So it is also what the tests read.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from infra.assets import ROOT

from .by_aws import Use
from .grants import Grant

PAGE: Final = ROOT / "docs" / "permissions.md"
COMMAND: Final = "python -m infra.local.permissions write"
DEMANDED_BY: Final = ("tests/infra/test_rights.py", "test_aws_may_do_what_it_does_with_a_role")
"""The test that compares the template with what AWS's services need."""
Tests: TypeAlias = tuple[tuple[str, str], ...]
"""Tests, each as its file and its function."""
_HEAD: Final = "<!-- the rest is written by `" + COMMAND + "` -->"
_ROW: Final = re.compile(r"\| `([\w:-]+)` \| `([^`]+)`(?: where `(\w+)`)? \| (.*) \|")
_NAMED: Final = re.compile(r"`(tests/\S+\.py)`|`(test_\w+)`")


def read(text: str) -> dict[Grant, Tests]:
    """Return the rights of a page, each with its tests."""
    found: dict[Grant, Tests] = {}
    for section in text.partition(_HEAD)[2].split("\n## ")[1:]:
        role = section.partition("\n")[0]
        for row in _ROW.finditer(section):
            grant = Grant(role, row[1], row[2], row[3] or "")
            found[grant] = tuple(_tests(row[4]))
    return found


def written(
    text: str,
    grants: Iterable[Grant],
    uses: Mapping[Grant, Use],
    tests: Mapping[Grant, Tests],
) -> str:
    """Return the page with these rights; raises ValueError without the mark of its second part."""
    before, mark, _ = text.partition(_HEAD)
    if not mark:
        raise ValueError(f"the page lacks {_HEAD}")
    lines, role = [f"{before}{_HEAD}"], ""
    for grant in sorted(grants):
        if grant.role != role:
            role = grant.role
            lines += ["", f"## {role}", "", "| action | resource | used in |", "|---|---|---|"]
        where = f" where `{grant.condition}`" if grant.condition else ""
        cell = "; ".join(_cell(grant, uses, tests))
        lines.append(f"| `{grant.action}` | `{grant.resource}`{where} | {cell} |")
    return "\n".join([*lines, ""])


def _cell(grant: Grant, uses: Mapping[Grant, Use], tests: Mapping[Grant, Tests]) -> Iterator[str]:
    for file, name in tests.get(grant, ()):
        if (file, name) != DEMANDED_BY:
            yield f"`{file}`: `{name}`"
    use = uses.get(grant)
    if use is not None:
        file, name = DEMANDED_BY
        yield f"[{use.what}]({use.source}), `{file}`: `{name}`"


def _tests(cell: str) -> Iterator[tuple[str, str]]:
    file = ""
    for match in _NAMED.finditer(cell):
        file = match[1] or file
        if match[2]:
            yield file, match[2]
