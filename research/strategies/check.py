"""All laws on one strategy: on seeded random markets, and on recordings."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from signalengine.errors import StrategyError
from signalengine.intervals import DAY_MS
from signalengine.strategy.finding import Finding
from signalengine.strategy.loading import RefusedStrategyError, load_text
from signalengine.strategy.sets import set_of

from .answer_laws import answers, enters
from .cost import Cost, cost_of
from .failure import Failure, LawError
from .features import with_features
from .markets import REFLECTED, REGIMES, Market, Regime, market
from .place_laws import places
from .runs import Seen, trace
from .state_laws import compiled, prefix, replay, restore, symbols
from .subject import Subject
from .symmetry_laws import mirror, scale
from .warm_up_law import warm_up

SEED: Final = 7
LAWS: Final = (
    "allow-list", "runs", "places", "answers", "prefix", "replay", "restore", "symbols",
    "compiled", "mirror", "scale", "warm-up", "enters",
)  # fmt: skip
"""In the order in which they are tried; one that fails early ends those that need it."""
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a strategy did on a recording."""

    symbol: str
    days: float
    closes: int
    """At which `entry` was evaluated."""
    entries: int
    """Closes at which it held for a side."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the laws found."""

    failures: tuple[Failure, ...]
    tried: tuple[str, ...]
    """Laws that were tried."""
    subject: Subject | None = None
    """None where the file could not be loaded."""
    recorded: tuple[Recorded, ...] = ()
    cost: Cost | None = None

    @property
    def holds(self) -> bool:
        return not any(not one.warning for one in self.failures)


def check_file(path: Path | str, parameters: Mapping[str, object] | None = None) -> list[Failure]:
    """Return the laws that a strategy's file breaks on random markets; [] when it breaks none."""
    place = Path(path)
    text = place.read_text(encoding="utf-8-sig")
    return [one for one in check(text, place.name, parameters).failures if not one.warning]


def check(
    text: str,
    origin: str,
    parameters: Mapping[str, object] | None = None,
    recordings: Callable[[Subject], Iterable[Market]] = lambda _: (),
    progress: Progress = lambda _: None,
) -> Checked:
    """Try all laws, on random markets and on the recordings that the strategy can read.

    Raises nothing for what the strategy does.
    """
    progress("allow-list")
    subject, refused = subject_of(text, origin, parameters)
    if subject is None:
        return Checked(tuple(refused), ("allow-list",))
    trial = Trial(subject, progress)
    found = tuple(trial.run(recordings(subject)))
    return Checked(found, ("allow-list", *trial.tried), subject, trial.recorded, trial.cost)


def subject_of(
    text: str, origin: str, parameters: Mapping[str, object] | None = None
) -> tuple[Subject | None, list[Failure]]:
    """Load a strategy; returns it, or what the allow-list and the declaration lack."""
    try:
        loaded = load_text(text, origin)
        chosen = set_of(loaded, {"parameters": dict(parameters or {})})
    except RefusedStrategyError as error:
        return None, [Failure("allow-list", found) for found in error.found]
    except StrategyError as error:
        return None, [Failure("declaration", _finding(str(error), origin))]
    return Subject(text, origin, chosen.parameters, chosen.digest), []


def _finding(message: str, origin: str) -> Finding:
    """Return an error's words with the line that they name."""
    _, named, rest = message.partition(f"{origin}, line ")
    digits, _, text = rest.partition(": ")
    if named and digits.isdigit():
        return Finding(int(digits), text, "mend the declaration")
    return Finding(0, message.removeprefix(f"{origin}: "), "mend the declaration")


@dataclass
class Trial:
    """One strategy under the laws: its markets, each with its first run."""

    subject: Subject
    progress: Progress
    tried: list[str] = field(default_factory=list)
    markets: list[Market] = field(default_factory=list)
    first: list[Sequence[Seen]] = field(default_factory=list)
    recorded: tuple[Recorded, ...] = ()
    cost: Cost | None = None

    def run(self, recordings: Iterable[Market]) -> Iterator[Failure]:
        """Yield the failures of all laws; those that need a whole run end with the first error."""
        try:
            self._run_all(recordings)
            yield from self._laws()
        except LawError as error:
            yield error.failure

    def _run_all(self, recordings: Iterable[Market]) -> None:
        self._begin("runs")
        for one in random_markets(self.subject):
            self._add(one)
        _at_bounds(self.subject, self.markets[0])
        self.cost = cost_of(self.subject, self.markets[0])
        self.recorded = tuple(map(self._add, recordings))

    def _laws(self) -> Iterator[Failure]:
        subject = self.subject
        self._begin("places")
        yield from _once(places(subject, one) for one in self.markets)
        self._begin("answers")
        yield from _once(answers(subject, *pair) for pair in self._pairs())
        for law in (prefix, replay, restore):
            self._begin(law.__name__)
            yield from _first(law(subject, *pair) for pair in self._pairs())
        self._begin("symbols")
        yield from symbols(subject, self.markets[0], self.markets[1])
        self._begin("compiled")
        yield from _first(compiled(subject, *pair) for pair in self._pairs())
        yield from self._symmetries()
        self._begin("warm-up")
        yield from warm_up(subject)
        self._begin("enters")
        yield from enters(subject, self.first)

    def _symmetries(self) -> Iterator[Failure]:
        subject = self.subject
        if subject.strategy.mirror:
            self._begin("mirror")
            one = with_features(subject, random_market(subject, REFLECTED))
            yield from mirror(subject, one, trace(subject.run(), one.steps))
        if subject.strategy.scale:
            self._begin("scale")
            yield from scale(subject, self.markets[0], self.first[0])

    def _begin(self, law: str) -> None:
        self.tried.append(law)
        self.progress(law)

    def _add(self, one: Market) -> Recorded:
        ready = with_features(self.subject, one)
        seen = trace(self.subject.run(), ready.steps)
        self.markets.append(ready)
        self.first.append(seen)
        answered = [answer for answer in (each.answer for each in seen) if answer is not None]
        entered = sum(any(side.entered for side in answer) for answer in answered)
        span = ready.steps[-1].close_time - ready.steps[0].close_time if ready.steps else 0
        return Recorded(one.name, span / DAY_MS, len(answered), entered)

    def _pairs(self) -> Iterator[tuple[Market, Sequence[Seen]]]:
        return iter(zip(self.markets, self.first, strict=True))


def random_markets(subject: Subject) -> Iterator[Market]:
    """Yield the markets on which every strategy is tried."""
    return (random_market(subject, regime) for regime in REGIMES)


def random_market(subject: Subject, regime: Regime, seed: int = SEED) -> Market:
    """Return a market as long as the strategy's warm-up asks for."""
    past = {name: max(bars, 60) for name, bars in subject.warm_up.items()}
    return market(regime, subject.intervals, past, seed, subject.strategy.every)


def _at_bounds(subject: Subject, one: Market) -> None:
    """Run with the least and the most of each parameter; raises LawError."""
    declared = subject.strategy.parameters.declared
    for chosen in (tuple(p.least for p in declared), tuple(p.most for p in declared)):
        edge = replace(subject, p=chosen)
        trace(edge.run(), one.steps)


def _first(found: Iterable[Iterator[Failure]]) -> Iterator[Failure]:
    """Yield what the first market shows on which a law fails."""
    for failures in found:
        shown = list(failures)
        if shown:
            yield from shown
            return


def _once(found: Iterable[Iterator[Failure]]) -> Iterator[Failure]:
    """Yield each failure once, whatever markets show it."""
    yield from dict.fromkeys(one for failures in found for one in failures)
