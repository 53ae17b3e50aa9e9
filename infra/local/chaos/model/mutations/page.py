"""docs/mutations.md: each mutation, what it breaks and the schedule that notices it.

The rows are written from `mutations.toml`; who noticed comes into it from the report of a hunt.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from infra.assets import ROOT

from .hunt import Caught
from .table import Mutation

PAGE: Final = ROOT / "docs" / "mutations.md"
COMMAND: Final = "python -m infra.local.chaos.model.mutations write"
_HEAD: Final = "<!-- the rest is written by `" + COMMAND + "` -->"
_NAME: Final = re.compile(r"^name = (['\"]{1,3})(.*)\1$", re.MULTILINE)
_NOTICED: Final = re.compile(r"^noticed = .*\n", re.MULTILINE)
_BREAKS: Final = re.compile(r"^breaks = .*\n", re.MULTILINE)


def written(text: str, mutations: Iterable[Mutation]) -> str:
    """Return the page with these rows; raises ValueError without the mark of its second part."""
    before, mark, _ = text.partition(_HEAD)
    if not mark:
        raise ValueError(f"the page lacks {_HEAD}")
    lines, file = [f"{before}{_HEAD}"], ""
    for one in sorted(mutations, key=lambda one: one.file):
        if one.file != file:
            file = one.file
            lines += ["", f"## {_title(file)}", "", f"`{file}`", ""]
            lines += ["| taken away | what goes wrong | noticed by |", "|---|---|---|"]
        lines.append(f"| {one.name} | {one.breaks} | {one.noticed} |")
    return "\n".join([*lines, ""])


def _title(file: str) -> str:
    """Return the name of a file's module, with its folder."""
    folder, _, name = file.removesuffix(".py").rpartition("/")
    return f"{folder.rpartition('/')[2]}.{name}"


def noted(text: str, found: Sequence[Caught]) -> str:
    """Return the text of `mutations.toml` with who noticed each mutation that was hunted.

    Raises ValueError when one survived.
    """
    survived = [one.mutation for one in found if one.by is None]
    if survived:
        raise ValueError(f"survived: {', '.join(survived)}")
    by = {one.mutation: str(one.by) for one in found}
    head, *rows = text.split("[[mutation]]\n")
    return "[[mutation]]\n".join([head, *(_noted(row, by) for row in rows)])


def _noted(row: str, by: Mapping[str, str]) -> str:
    name = _NAME.search(row)
    if name is None or name[2] not in by:
        return row
    schedule = by[name[2]]
    quote = '"' if "'" in schedule else "'"
    plain = _NOTICED.sub("", row)
    line = f"noticed = {quote}{schedule}{quote}\n"
    return _BREAKS.sub(lambda found: found[0] + line, plain, count=1)
