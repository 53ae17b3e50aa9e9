"""Looks that are recorded elsewhere: at folders around a recording, and by other registrations."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from research.data.walk import files_in
from research.evidence.errors import EvidenceError
from research.evidence.looks import SUFFIX, Look, Looks, looks_file, read_looks
from research.evidence.registration import RESULTS, Registration, registration_from


class Claim(NamedTuple):
    """An entry that a file of looks must hold, because another file names it."""

    registration: Registration
    digest: str
    """Of the entry: that of the registration, or of a final look at it."""
    looks_file: Path | None = None
    """Where the result of a look says that the entry is."""

    @property
    def text(self) -> str:
        """What kind of entry it is."""
        return "The entry" if self.digest == self.registration.head else "A look"


def claims_beside(file: Path, registration: Registration) -> list[Claim]:
    """Return what the other registrations and the results in a registration's folder name.

    Of those that have a symbol in common with it and a part of its time. Digests of the data do
    not matter: a file that got one more row holds the same bars as before.
    """
    found: dict[str, Claim] = {}
    for other in sorted([*file.parent.glob("*.json"), *(file.parent / RESULTS).glob("*.json")]):
        claim = None if other.resolve() == file.resolve() else _claim(other)
        if claim is not None and _overlap(claim.registration, registration):
            found.setdefault(claim.digest, claim)
    return [claim for digest, claim in found.items() if digest != registration.head]


def related_looks(source: Path, claims: Sequence[Claim]) -> Looks:
    """Return the looks at a recording, and those elsewhere that may have measured its bars.

    Those at a folder above it and at a folder or file in it count in full; of files of looks
    beside it, and of those that results name, the looks at what was claimed. Raises EvidenceError,
    OSError.
    """
    own = looks_file(source)
    known = read_looks(own)
    around = [(file, read_looks(file)) for file in _around(source) if file != own]
    beside = [read_looks(file) for file in _named(own, claims)]
    registered = {claim.registration.digest for claim in claims}
    mine = {one.digest for one in known.entries}
    elsewhere = [one for _, looks in around for one in looks.entries] + [
        one for looks in beside for one in looks.entries if one.registration in registered
    ]
    each = {one.digest: one for one in elsewhere if one.digest not in mine}
    return replace(
        known,
        elsewhere=tuple(sorted(each.values(), key=_time)),
        broken_elsewhere=tuple((file, x.broken) for file, x in around if x.broken is not None),
    )


def _time(one: Look) -> tuple[int, int]:
    return one.at, one.number


def _around(source: Path) -> Iterator[Path]:
    """Yield the files of looks of the folders above a recording, and of what is in it."""
    place = source.expanduser().resolve()
    yield from (file for file in map(looks_file, place.parents[:-1]) if file.exists())
    if place.is_dir():
        yield from (file for file in files_in(place) if file.name.endswith(SUFFIX))


def _named(own: Path, claims: Iterable[Claim]) -> Iterator[Path]:
    """Yield the other files of looks in which a claimed entry may be."""
    claims = tuple(claims)
    if claims:
        named = {claim.looks_file for claim in claims if claim.looks_file is not None}
        yield from sorted({*own.parent.glob(f"*{SUFFIX}"), *named} - {own})


def _claim(file: Path) -> Claim | None:
    """Return what a file names; None for no registration, and for one that was edited."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(raw, dict) and "registered" in raw:
            made = registration_from(raw["registered"], file)
            return Claim(made, str(raw["looks"][-1]["digest"]), _place(raw))
        made = registration_from(raw, file)
    except (EvidenceError, IsADirectoryError, ValueError, LookupError, TypeError):
        return None
    return Claim(made, made.head)


def _place(raw: dict[str, Any]) -> Path:
    return Path(raw["looks_file"])


def _overlap(one: Registration, other: Registration) -> bool:
    """Whether two registrations have a symbol in common, and a part of their time."""
    common = not set(one.symbols).isdisjoint(other.symbols)
    first, second = one.spans, other.spans
    return common and (first.design[0] < second.final[1] and second.design[0] < first.final[1])
