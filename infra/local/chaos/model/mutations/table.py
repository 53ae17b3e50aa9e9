"""The mutations, as `mutations.toml` has them."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.assets import ROOT

TABLE: Final = Path(__file__).with_name("mutations.toml")


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change of one file: the text `old`, which is in it once, becomes `new`."""

    name: str
    breaks: str
    """What goes wrong without it, in words."""
    file: str
    old: str
    new: str
    noticed: str = ""
    """The schedule that has noticed it, which is played first: a seed, or one made by hand."""


def source_with(mutation: Mutation) -> str:
    """Return the changed source; raises ValueError unless the old text is there exactly once."""
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    if text.count(mutation.old) != 1:
        raise ValueError(f"{mutation.name}: the text is {text.count(mutation.old)} times in it")
    return text.replace(mutation.old, mutation.new)


def mutations() -> tuple[Mutation, ...]:
    """Return the table of mutations."""
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))["mutation"]
    return tuple(Mutation(**row) for row in rows)
