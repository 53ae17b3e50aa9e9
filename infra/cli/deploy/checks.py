"""The result of a check before a deployment: what was found, and the fix."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from infra.cli.views.page import plain
from infra.errors import CommandError

MARKS = {"ok": ("✓ ", "green"), "advice": ("! ", "yellow"), "failed": ("✗ ", "red")}


@dataclass(frozen=True, slots=True)
class Check:
    """One line: `fix` is empty if all is well; a deployment stops only where it is `required`."""

    name: str
    found: str
    fix: str = ""
    required: bool = True

    @property
    def state(self) -> str:
        """`ok`, `advice` (it can be deployed all the same), or `failed`."""
        if not self.fix:
            return "ok"
        return "failed" if self.required else "advice"


def looked_up(name: str, look: Callable[[], Check]) -> Check:
    """Return a check that AWS may refuse to answer: then it is advice, because nobody knows."""
    try:
        return look()
    except CommandError as error:
        return Check(
            name, f"unknown: {error}", error.fix or "look it up in the AWS console", required=False
        )


def passed(checks: Sequence[Check]) -> bool:
    """Return whether nothing prevents a deployment."""
    return all(check.state != "failed" for check in checks)


def print_checks(checks: Sequence[Check], out: Console) -> None:
    """Print a line a check, and the fix below."""
    width = max(len(check.name) for check in checks)
    for check in checks:
        found = (f"{check.name:<{width}} ", "bold")
        line = Text.assemble(MARKS[check.state], found, plain(check.found))
        out.print(line, soft_wrap=True)
        if check.fix:
            out.print(Text(f"  {plain(check.fix)}", "yellow"), soft_wrap=True)


def document(checks: Sequence[Check]) -> Mapping[str, Any]:
    """Return the checks for programs."""
    rows = [
        {"name": one.name, "state": one.state, "found": one.found, "fix": one.fix or None}
        for one in checks
    ]
    return {"ok": passed(checks), "checks": rows}
