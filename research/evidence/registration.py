"""What is decided before anything is measured: hypothesis, strategy, parameters, data and spans.

A registration is a JSON file with its own digest; one that was edited is refused.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from signalengine.intervals import DAY_MS, INTERVALS
from signalengine.strategy.parameter_set import ParameterSet
from signalengine.strategy.sets import StrategySet

from machine.files import write
from research.data.times import midnight, moment, time_ms
from research.evidence.errors import EvidenceError
from research.evidence.looks import digest_of

PHASES: Final = ("design", "validation", "final")
RESULTS: Final = "results"
"""The folder of results, beside the registrations."""
_SHARES: Final = (0.6, 0.8)
"""Where design and validation end unless spans are given, as shares of the recording."""


@dataclass(frozen=True, slots=True)
class Spans:
    """Three spans in the order of time, [start, end), ms."""

    design: tuple[int, int]
    validation: tuple[int, int]
    final: tuple[int, int]

    def __post_init__(self) -> None:
        ends = (*self.design, *self.validation, *self.final)
        if list(ends) != sorted(ends) or any(start == end for start, end in self.each()):
            raise EvidenceError(
                "design, validation and final must follow each other without overlap: "
                + ", ".join(f"{moment(start)} .. {moment(end)}" for start, end in self.each())
            )

    def each(self) -> tuple[tuple[int, int], ...]:
        return self.design, self.validation, self.final


@dataclass(frozen=True, slots=True)
class Registration:
    """A registered question; times in ms."""

    hypothesis: str
    edge_bps: float
    """The mean net return of a signal that is expected."""
    strategy: str
    parameter_set: str
    """Digest of the parameter set: of the strategy's code, its parameters and the rules."""
    parameters: Mapping[str, float]
    symbols: tuple[str, ...]
    data: Mapping[str, str]
    """Digest of the files of each symbol."""
    spans: Spans
    at: int
    head: str
    """Digest of its entry in the file of looks."""
    digest: str = ""
    """Of all of it but the head."""
    bars: str = INTERVALS[0]
    """Interval of the bars."""

    @property
    def content(self) -> dict[str, Any]:
        """What the digest is of; the bars only where they are longer than 1m."""
        content = {**asdict(self), "head": ""}
        if self.bars == INTERVALS[0]:
            del content["bars"]
        return content

    def sealed(self) -> "Registration":
        """Return it with its digest."""
        return _with(self, digest=digest_of(_plain(self.content)))


def split_spans(start: int, end: int) -> Spans:
    """Return 60, 20 and 20 % of a recording, cut at UTC midnights; raises EvidenceError."""
    cuts = [midnight(start + round((end - start) * share)) for share in _SHARES]
    if not start < cuts[0] < cuts[1] < end:
        raise EvidenceError(f"{(end - start) / DAY_MS:.1f} days are too few for three spans.")
    return Spans((start, cuts[0]), (cuts[0], cuts[1]), (cuts[1], end))


def span_from(text: str) -> tuple[int, int]:
    """Return the span of a text like `2025-05-19..2025-06-01`; raises EvidenceError, DataError."""
    first, dots, last = text.partition("..")
    if not dots:
        raise EvidenceError(f"{text!r} is not a span: write 2026-01-01..2026-02-01.")
    return time_ms(first), time_ms(last)


def parameters_of(one: ParameterSet) -> dict[str, float]:
    """Return the parameters of a set by name; none of a policy, whose digest has them all."""
    if not isinstance(one, StrategySet):
        return {}
    declared = one.loaded.strategy.parameters.declared
    return {each.name: x for each, x in zip(declared, one.parameters, strict=True)}


def save(registration: Registration, file: Path) -> None:
    """Write a registration; raises EvidenceError if the file is there, OSError."""
    if file.exists():
        raise EvidenceError(f"{file} is there already: what is registered is not replaced.")
    write(file, json.dumps(_plain(asdict(registration)), indent=2, sort_keys=True) + "\n")


def load_registration(file: Path) -> Registration:
    """Read a registration; raises EvidenceError for one that was edited, OSError."""
    if file.is_dir():
        raise EvidenceError(f"{file} is a folder: name the file of a registration.")
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise EvidenceError(f"{file} cannot be read as a registration: {error}") from error
    return registration_from(raw, file)


def registration_from(raw: Any, file: Path) -> Registration:
    """Return the registration that `raw` is, read from a file; raises EvidenceError."""
    try:
        spans = Spans(**{name: tuple(raw["spans"][name]) for name in PHASES})
        names = {one.name for one in fields(Registration)} - {"bars"}
        known = {name: raw[name] for name in names} | {"bars": raw.get("bars", INTERVALS[0])}
        known |= {"spans": spans, "symbols": tuple(raw["symbols"])}
        found = Registration(**known)
    except (AttributeError, ValueError, KeyError, TypeError) as error:
        raise EvidenceError(f"{file} cannot be read as a registration: {error}") from error
    if found.sealed().digest != found.digest:
        raise EvidenceError(f"{file} was changed after it was registered. Register it anew.")
    return found


def check_set(registration: Registration, one: ParameterSet) -> None:
    """Raise EvidenceError unless this is the parameter set that was registered."""
    if one.digest != registration.parameter_set:
        raise EvidenceError(
            f"{one.key} is {one.digest} now, {registration.parameter_set} was registered: its "
            "code or parameters changed. Register it anew: it is another configuration."
        )


def with_head(registration: Registration, head: str) -> Registration:
    """Return a registration with the digest of its entry in the file of looks."""
    return _with(registration, head=head)


def _with(registration: Registration, **changes: Any) -> Registration:
    known = {one.name: getattr(registration, one.name) for one in fields(Registration)}
    return Registration(**{**known, **changes})


def _plain(raw: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(raw))
