"""The protocol: register, then examine design and validation, and look at the final span once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from signalengine.intervals import INTERVALS
from signalengine.strategy.parameter_set import ParameterSet

from research.data.bars import BarTable
from research.evidence import integrity
from research.evidence.errors import EvidenceError
from research.evidence.groups import together
from research.evidence.looks import Kind, Look, add_look, looks_file
from research.evidence.phases import Phase, measure
from research.evidence.registration import (
    Registration,
    Spans,
    check_set,
    load_registration,
    parameters_of,
    save,
    with_head,
)
from research.evidence.related import claims_beside, related_looks
from research.evidence.tried import count_tried, forward_rows, sweep_rows
from research.evidence.verdict import FIRST, Found, Validity, verdict_of
from research.statistics.intervals import DayBootstrap
from research.statistics.summary import summarise
from research.statistics.trades import Trades
from research.sweeps.forward import Step, walk_forward
from research.sweeps.results import data_digest

_YEAR: Final = 365.25


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything that an examination found."""

    registration: Registration
    one: ParameterSet
    tables: tuple[BarTable, ...]
    design: Phase
    validation: Phase
    final: Phase | None
    tried: int
    steps: tuple[Step, ...]
    """Of sweeps of this strategy that end before the final span, walked forward."""
    remarks: tuple[str, ...]
    """What the file of looks says."""
    looks: tuple[Look, ...]
    """Its entries, up to the last that this examination left there."""
    looks_file: Path
    validity: Validity = FIRST
    sweeps: Path = Path()
    """The folder of sweeps that were counted."""
    swept: int = 0
    """Rows of the strategy and its symbols there."""

    @property
    def look(self) -> Look:
        """The entry of this examination; its digest is the head."""
        return self.looks[-1]

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The spans that were measured."""
        first = (self.design, self.validation)
        return first if self.final is None else (*first, self.final)

    @cached_property
    def found(self) -> Found:
        """The verdict."""
        return verdict_of(self.validation, self.final, self.validity)

    @cached_property
    def trades(self) -> Trades:
        """The signals of all spans measured."""
        return together(self.phases)

    @cached_property
    def draws(self) -> DayBootstrap:
        return DayBootstrap.of_trades(self.trades)

    @property
    def statement(self) -> str:
        """The verdict, and what limits it."""
        limits = [text for text in self.remarks if not text.startswith("This is the first")]
        return " ".join([self.found.words, *(limits if self.final is not None else ())])

    @property
    def power(self) -> str:
        """How long until the registered edge would show."""
        return power_sentence(self.trades, self.draws, self.registration.edge_bps)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain JSON types."""
        return {
            "verdict": self.found.verdict,
            "statement": self.statement,
            "shown": [{"text": c.text, "holds": c.holds} for c in self.found.shown],
            "suggestive": [{"text": c.text, "holds": c.holds} for c in self.found.suggestive],
            "valid": self.validity.holds,
            "reached": self.found.reached,
            "hypothesis": self.registration.hypothesis,
            "strategy": self.one.key,
            "digest": self.one.digest,
            "bars": self.registration.bars,
            "registration": self.registration.digest,
            "head": self.look.digest,
            "tried": self.tried,
            "sweeps": {"folder": str(self.sweeps), "rows": self.swept},
            "remarks": list(self.remarks),
            "power": self.power,
            "spans": {
                phase.name: {
                    "start": phase.start,
                    "end": phase.end,
                    "purged": phase.purged,
                    "p": phase.p,
                    "double_costs": phase.double_costs.value,
                    **phase.found.to_dict(),
                }
                for phase in self.phases
            },
        }


def register(
    file: Path,
    source: Path,
    one: ParameterSet,
    symbols: Sequence[str],
    spans: Spans,
    *,
    hypothesis: str,
    edge_bps: float,
    now: int,
    bars: str = INTERVALS[0],
) -> Registration:
    """Write a registration and its entry in the file of looks; `now` in ms.

    `bars`: the interval of the bars that it is measured on.

    Raises EvidenceError for an empty hypothesis and for a file that is there, OSError.
    """
    if not hypothesis.strip():
        raise EvidenceError("a hypothesis is needed: what is expected, and why.")
    if file.exists():
        raise EvidenceError(f"{file} is there already: what is registered is not replaced.")
    if not edge_bps > 0.0:
        raise EvidenceError("the expected edge must be above zero, in basis points.")
    data = {symbol: data_digest(source, symbol) for symbol in symbols}
    made = Registration(
        hypothesis.strip(), edge_bps, one.key, one.digest, parameters_of(one), tuple(symbols),
        data, spans, now, "", bars=bars,
    ).sealed()  # fmt: skip
    entry = add_look(
        looks_file(source), "registration", at=now, strategy=made.strategy,
        parameter_set=one.digest, registration=made.digest, span=spans.final,
    )  # fmt: skip
    made = with_head(made, entry.digest)
    save(made, file)
    return made


def examine(
    file: Path,
    source: Path,
    one: ParameterSet,
    tables: Sequence[BarTable],
    sweeps: Path,
    *,
    look: bool,
    now: int,
    draws: int = 2_000,
) -> Evidence:
    """Measure what was registered; with `look` the final span too.

    The look is recorded before anything is measured, so that one that is broken off counts as
    well. Raises EvidenceError for a registration that does not hold any more, for a look at other
    data than was registered, OSError.
    """
    registration = load_registration(file)
    check_set(registration, one)
    place, spans = looks_file(source), registration.spans
    data = {symbol: data_digest(source, symbol) for symbol in registration.symbols}
    claims = claims_beside(file, registration)
    known = related_looks(source, claims)
    wrong = integrity.broken(known, registration, claims)
    changed = integrity.changed_data(registration, data)
    if look and changed:
        raise EvidenceError(f"{changed[0]} Register anew: the final span was not looked at now.")
    remarks = [*wrong, *changed, *(integrity.earlier(known, registration) if look else ())]
    measured: list[tuple[Kind, tuple[int, int]]] = [
        ("design and validation", (spans.design[0], spans.validation[1]))
    ]
    measured += [("final", spans.final)] if look else []
    added = [
        add_look(
            place, kind, at=now, strategy=registration.strategy, parameter_set=one.digest,
            registration=registration.digest, span=span,
        )
        for kind, span in measured
    ]  # fmt: skip
    rows = sweep_rows(sweeps, one.strategy, registration.symbols)
    tried = count_tried(one.digest, rows, known)

    def phase(name: str, span: tuple[int, int]) -> Phase:
        return measure(name, span, tables, one, tried, draws=draws)

    past = forward_rows(rows, registration.bars, spans.final[0])
    return Evidence(
        registration, one, tuple(tables),
        design=phase("design", spans.design),
        validation=phase("validation", spans.validation),
        final=phase("final", spans.final) if look else None,
        tried=tried,
        steps=tuple(walk_forward(past, one.digest)) if len(past) else (),
        remarks=tuple(remarks),
        looks=(*known.entries, *added),
        looks_file=place,
        validity=integrity.validity(known, registration, recorded=not wrong),
        sweeps=sweeps.expanduser().resolve(), swept=len(rows),
    )  # fmt: skip


def power_sentence(trades: Trades, draws: DayBootstrap, edge_bps: float) -> str:
    """Return how long signals like these must be watched until an edge would show.

    The standard error of a mean falls with the root of the time.
    """
    visible, days = summarise(trades, draws=draws).visible_edge, len(trades.days)
    if not visible.value:
        return f"These signals are too few to say when an edge of {edge_bps:g} bps would show."
    seen = visible.value * 1e4
    needed = days * (seen / edge_bps) ** 2
    return (
        f"These {len(trades):,} signals in {_long(days)} show an edge of {seen:.0f} bps a signal, "
        f"or more, in four cases of five. One of {edge_bps:g} bps would need {_long(needed)} of "
        "signals like these."
    )


def _long(days: float) -> str:
    if days < 2 * _YEAR:
        return f"{math.ceil(days)} days"
    return f"{days / _YEAR:.1f} years" if days < 20 * _YEAR else f"{days / _YEAR:.0f} years"
