"""The result of a final look as a file, with all that is needed to check it elsewhere.

It holds the verdict, what was registered, and the looks up to this one. Another machine can
follow the chain without the data: whoever changes one of them has to change all.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from machine.files import write
from research.evidence.errors import EvidenceError
from research.evidence.looks import Look, digest_of, follow, read_looks
from research.evidence.protocol import Evidence
from research.evidence.registration import RESULTS, Registration, registration_from
from research.evidence.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Result:
    """A final look that was read back."""

    verdict: Verdict
    statement: str
    registration: Registration
    look: Look
    """The entry of the look; its digest is the head."""
    looks_file: Path
    here: bool
    """Whether the file of looks is on this machine, and holds the look."""


def result_file(registration: Path, found: Evidence) -> Path:
    """Return where the result of a look belongs: a folder beside its registration."""
    name = f"{registration.stem}-{found.look.digest[:12]}.json"
    return registration.parent / RESULTS / name


def write_result(file: Path, found: Evidence) -> None:
    """Write the result of a final look; raises OSError."""
    raw: dict[str, Any] = {
        "evidence": found.to_dict(),
        "registered": asdict(found.registration),
        "looks": [asdict(one) for one in found.looks],
        "looks_file": str(found.looks_file),
    }
    sealed = raw | {"digest": digest_of(raw)}
    write(file, json.dumps(sealed, indent=1, sort_keys=True) + "\n")


def read_result(file: Path) -> Result:
    """Read the result of a final look, and check its chain. Raises EvidenceError, OSError."""
    raw = _sealed(file)
    try:
        evidence, looks_file = raw["evidence"], Path(raw["looks_file"])
        registration = registration_from(raw["registered"], file)
        looks = follow([json.dumps(one) for one in raw["looks"]])
        verdict, statement = evidence["verdict"], str(evidence["statement"])
    except (KeyError, TypeError) as error:
        raise EvidenceError(f"{file} cannot be read as the result of a look: {error!r}") from error
    if verdict not in get_args(Verdict) or verdict == "not looked at":
        raise EvidenceError(f"{file} has no verdict: the final span was not looked at.")
    last = looks.entries[-1] if looks.entries else None
    if last is None or looks.broken is not None or not _belongs(last, registration):
        raise EvidenceError(f"{file}: its looks do not follow from each other to this one.")
    if not looks.holds(registration.head):
        raise EvidenceError(f"{file}: the entry of its registration is not among its looks.")
    known = read_looks(looks_file)
    if known.there and not known.holds(last.digest):
        raise EvidenceError(
            f"{looks_file} does not hold the look of {file} any more: it was changed, or begun "
            "again."
        )
    return Result(verdict, statement, registration, last, looks_file, known.there)


def _sealed(file: Path) -> dict[str, Any]:
    """Return the content of a file that has the digest that it claims."""
    if file.is_dir():
        raise EvidenceError(f"{file} is a folder: name the file of a result in it.")
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise EvidenceError(f"{file} cannot be read as the result of a look: {error}") from error
    if not isinstance(raw, dict) or "evidence" not in raw:
        raise EvidenceError(
            f"{file} is not the result of a look, which `signalengine evidence --look` writes."
        )
    if raw.get("digest") != digest_of(raw):
        raise EvidenceError(f"{file} was changed after it was written.")
    return raw


def _belongs(look: Look, registration: Registration) -> bool:
    """Whether an entry is a final look at what was registered."""
    return (
        look.kind == "final"
        and look.registration == registration.digest
        and look.parameter_set == registration.parameter_set
        and (look.start, look.end) == registration.spans.final
    )
