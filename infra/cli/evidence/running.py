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
from signalengine.strategy.sets import StrategySet, set_of

from infra.cli.outputs import checked_output, console_beside
from infra.cli.policy_files import policy_of
from infra.cli.research.recordings import chosen_bars, research_errors
from infra.cli.strategies.folder import parameters_of, set_of_file, strategy_of
from infra.errors import USAGE, CommandError
from research.backtest.coarse import usable
from research.data.loader import load_each
from research.data.times import day_of
from research.evidence.errors import EvidenceError
from research.evidence.phases import Phase, coarse_note
from research.evidence.protocol import Evidence, examine, register
from research.evidence.registration import (
    Registration,
    Spans,
    load_registration,
    span_from,
    split_spans,
)
from research.evidence.result import result_file, write_result
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
    policy: Path | None = None
    """A file of the parameter set."""

    @property
    def name(self) -> str:
        """The strategy's name, also where it was named by its file."""
        return self.strategy.rpartition("/")[2].removesuffix(".py")

    def parameter_set(self) -> ParameterSet:
        """Load the parameter set; raises CommandError."""
        if self.policy is not None:
            return self._of_file(self.policy)
        if self.strategy != CLASSIC:
            return set_of(strategy_of(self.strategy), {"parameters": parameters_of(self.sets)})
        if self.sets:
            raise CommandError(f"--set is not of {CLASSIC}: it has a policy", "", USAGE)
        return policy_of(None)

    def _of_file(self, file: Path) -> ParameterSet:
        if self.sets:
            raise CommandError("give --set or --policy, not both", "", USAGE)
        one = set_of_file(file) or policy_of(file)
        if one.strategy != self.name:
            text = f"--policy {file} is a parameter set of {one.strategy}, not of {self.name}"
            raise CommandError(text, "", USAGE)
        return one

    def words(self, command: str) -> str:
        """Return a command about the same question, to be typed."""
        chosen = [f"--set {text}" for text in self.sets]
        chosen += [] if self.policy is None else [f"--policy {self.policy}"]
        return " ".join([command, self.strategy, "--source", str(self.source), *chosen])


def run_register(
    question: Question,
    hypothesis: str,
    edge_bps: float,
    spans: tuple[str | None, str | None, str | None],
) -> None:
    """Register and print where; raises CommandError."""
    with _errors():
        one = question.parameter_set()
        names, bars = chosen_bars(question.symbols, question.source, _usable(one))
        cut = _spans(question, names, bars, spans)
        now = time.time_ns() // 1_000_000
        file = question.folder / f"{question.name}-{one.digest}-{now}.json"
        made = register(
            file,
            question.source,
            one,
            names,
            cut,
            hypothesis=hypothesis,
            edge_bps=edge_bps,
            now=now,
            bars=bars,
        )
    out = Console()
    out.print(_spans_table(made))
    said = [f"registered {made.digest[:12]}: {file}", *coarse_note(made.bars)]
    for sentence in (*said, f"next: {question.words('signalengine evidence')}"):
        out.print(f"· {sentence}", highlight=False, soft_wrap=True)


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
        made = load_registration(file)
        tables = list(load_each(question.source, made.symbols, interval=made.bars))
        now = time.time_ns() // 1_000_000
        found = examine(file, question.source, one, tables, sweeps, look=look, now=now)
        result = result_file(file, found) if look else None
        if result is not None:
            write_result(result, found)
        if page is not None:
            write_evidence(page, found)
    out = console_beside(page)
    if as_json:
        where = {"result": None if result is None else str(result)}
        out.print_json(json.dumps(found.to_dict() | where))
    else:
        out.print(_table(found))
        for sentence in sentences(found):
            out.print(f"· {sentence}", highlight=False, soft_wrap=True)
    aside = Console(stderr=True) if as_json else out
    for name, path in (("result", result), ("report", page)):
        if path is not None:
            aside.print(f"{name}: {path}", highlight=False, soft_wrap=True)


def sentences(found: Evidence) -> list[str]:
    """Return what the command says below its table."""
    said = [found.found.words, *found.remarks, *coarse_note(found.registration.bars)]
    if found.found.verdict != "not looked at":
        parts = (found.found.shown, found.found.suggestive, found.validity.conditions)
        conditions = [one for part in parts for one in part]
        said += [f"{'yes' if one.holds else 'no'}: {one.text}" for one in conditions]
    counted = "parameter set was" if found.tried == 1 else "parameter sets were"
    said.append(f"{found.tried} {counted} tried, by sweeps and by looks at this data.")
    said.append(f"{found.swept:,} rows of sweeps were found in {found.sweeps}.")
    return [*said, found.power]


def _newest(question: Question, one: ParameterSet) -> Path:
    """Return the newest registration of a parameter set; raises CommandError without one."""
    files = sorted(question.folder.glob(f"*-{one.digest}-*.json"))
    if not files:
        raise CommandError(
            f"{question.strategy} ({one.digest}) is not registered in {question.folder}",
            question.words("signalengine evidence register") + ' --hypothesis "…"',
        )
    return max(files, key=lambda file: load_registration(file).at)


def _spans(
    question: Question,
    names: Sequence[str],
    bars: str,
    texts: tuple[str | None, str | None, str | None],
) -> Spans:
    if all(text is None for text in texts):
        ends = list(load_each(question.source, names, interval=bars))
        return split_spans(min(one.start for one in ends), max(one.end for one in ends))
    design, validation, final = texts
    if design is None or validation is None or final is None:
        raise CommandError("give --design, --validation and --final, or none of them", "", USAGE)
    return Spans(span_from(design), span_from(validation), span_from(final))


def _usable(one: ParameterSet) -> tuple[str, ...]:
    return usable(one if isinstance(one, StrategySet) else None)


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
