"""Registers and examines a strategy for `signalengine evidence`."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from signalengine.policy import CLASSIC
from signalengine.strategy.parameter_set import ParameterSet
from signalengine.strategy.sets import set_of

from infra.cli.outputs import checked_output, console_beside
from infra.cli.policy_files import policy_of
from infra.cli.research.recordings import chosen, research_errors
from infra.cli.strategies.folder import parameters_of, strategy_of
from infra.errors import USAGE, CommandError
from research.data.loader import load_each
from research.data.times import day_of
from research.evidence.errors import EvidenceError
from research.evidence.phases import Phase
from research.evidence.protocol import Evidence, examine, register
from research.evidence.registration import (
    Registration,
    Spans,
    load_registration,
    span_from,
    split_spans,
)
from research.reports import formatting
from research.reports.evidence import write_evidence


@dataclass(frozen=True, slots=True)
class Question:
    """Which parameter set is examined, on what."""

    strategy: str
    sets: Sequence[str]
    source: Path
    symbols: str
    folder: Path
    """Of registrations."""

    def parameter_set(self) -> ParameterSet:
        """Load the parameter set; raises CommandError."""
        if self.strategy != CLASSIC:
            return set_of(strategy_of(self.strategy), {"parameters": parameters_of(self.sets)})
        if self.sets:
            raise CommandError(f"--set is not of {CLASSIC}: it has a policy", "", USAGE)
        return policy_of(None)


def run_register(
    question: Question,
    hypothesis: str,
    edge_bps: float,
    spans: tuple[str | None, str | None, str | None],
) -> None:
    """Register and print where; raises CommandError."""
    with _errors():
        one, names = question.parameter_set(), chosen(question.symbols, question.source)
        cut = _spans(question, names, spans)
        now = time.time_ns() // 1_000_000
        name = f"{question.strategy.rpartition('/')[2].removesuffix('.py')}-{one.digest}-{now}.json"
        file = question.folder / name
        made = register(
            file,
            question.source,
            one,
            names,
            cut,
            hypothesis=hypothesis,
            edge_bps=edge_bps,
            now=now,
        )
    out = Console()
    out.print(_spans_table(made))
    out.print(f"· registered {made.digest[:12]}: {file}", highlight=False, soft_wrap=True)
    out.print(f"· next: signalengine evidence {question.strategy} --source {question.source}",
              highlight=False, soft_wrap=True)  # fmt: skip


def run_evidence(
    question: Question,
    registration: Path | None,
    sweeps: Path,
    report: Path | None,
    *,
    look: bool,
    as_json: bool,
) -> None:
    """Examine, print, and write the page if requested; raises CommandError."""
    page = checked_output("--report", report)
    with _errors():
        one = question.parameter_set()
        file = registration or _newest(question, one)
        names = load_registration(file).symbols
        tables = list(load_each(question.source, names))
        now = time.time_ns() // 1_000_000
        found = examine(file, question.source, one, tables, sweeps, look=look, now=now)
        if page is not None:
            write_evidence(page, found)
    out = console_beside(page)
    if as_json:
        out.print_json(json.dumps(found.to_dict()))
    else:
        out.print(_table(found))
        for sentence in sentences(found):
            out.print(f"· {sentence}", highlight=False, soft_wrap=True)
    if page is not None:
        aside = Console(stderr=True) if as_json else out
        aside.print(f"report: {page}", highlight=False, soft_wrap=True)


def sentences(found: Evidence) -> list[str]:
    """Return what the command says below its table."""
    said = [found.found.words, *found.remarks]
    if found.found.verdict != "not looked at":
        conditions = (*found.found.shown, *found.found.suggestive)
        said += [f"{'yes' if one.holds else 'no'}: {one.text}" for one in conditions]
    counted = "parameter set was" if found.tried == 1 else "parameter sets were"
    said.append(f"{found.tried} {counted} tried, by sweeps and by looks at this data.")
    return [*said, found.power]


def _newest(question: Question, one: ParameterSet) -> Path:
    """Return the newest registration of a parameter set; raises CommandError without one."""
    files = sorted(question.folder.glob(f"*-{one.digest}-*.json"))
    if not files:
        raise CommandError(
            f"{question.strategy} ({one.digest}) is not registered in {question.folder}",
            f"signalengine evidence register {question.strategy} --source {question.source} "
            '--hypothesis "…"',
        )
    return max(files, key=lambda file: load_registration(file).at)


def _spans(
    question: Question, names: Sequence[str], texts: tuple[str | None, str | None, str | None]
) -> Spans:
    if all(text is None for text in texts):
        ends = list(load_each(question.source, names))
        return split_spans(min(one.start for one in ends), max(one.end for one in ends))
    design, validation, final = texts
    if design is None or validation is None or final is None:
        raise CommandError("give --design, --validation and --final, or none of them", "", USAGE)
    return Spans(span_from(design), span_from(validation), span_from(final))


@contextmanager
def _errors() -> Iterator[None]:
    try:
        with research_errors():
            yield
    except EvidenceError as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{error.filename or 'a file'}: {error.strerror or error}") from error


def _spans_table(made: Registration) -> Table:
    table = Table(title=f"{made.strategy} ({made.parameter_set}), {len(made.symbols)} symbols")
    for name in ("span", "from", "to"):
        table.add_column(name)
    for name, (start, end) in zip(
        ("design", "validation", "final"), made.spans.each(), strict=True
    ):
        table.add_row(name, day_of(start), day_of(end))
    return table


def _table(found: Evidence) -> Table:
    table = Table(title=f"{found.registration.strategy} ({found.one.digest})")
    for name in ("span", "N", "net bps", "95 %", "2 × costs", "p shifted", "random"):
        table.add_column(name, justify="left" if name == "span" else "right", no_wrap=True)
    for phase in found.phases:
        table.add_row(*_row(phase))
    return table


def _row(phase: Phase) -> list[str]:
    s, shift, random = phase.found.summary, phase.found.shift, phase.found.random
    return [
        phase.name,
        str(s.n),
        formatting.value(s.mean_net, formatting.bps),
        formatting.interval(s.mean_net, formatting.bps),
        formatting.value(phase.double_costs, formatting.bps),
        formatting.NOTHING if shift is None else f"{shift.p_net:.2g}",
        formatting.NOTHING if random is None else formatting.bps(float(random.net.mean())),
    ]
