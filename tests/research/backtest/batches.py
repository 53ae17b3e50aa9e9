"""The live engine of a parameter set as a stack runs it: batches, stored states, repeated facts."""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from signalengine.facts.stream import BarsFact, HistoryFact
from signalengine.fold import SymbolState
from signalengine.settlement import Position, StoredBar, advance, opened
from signalengine.signals import Decision, Signal, settled
from signalengine.strategy.set_states import from_bytes, to_bytes
from signalengine.strategy.sets import StrategySet

from tests.research.backtest.sets import LiveSymbol

Fact = BarsFact | HistoryFact
MOST = 40
"""Facts in a batch."""


def one_by_one(streams: Mapping[str, list[Fact]]) -> Iterator[list[Fact]]:
    """Each fact in a batch of its own, all symbols in turns."""
    return ([fact] for fact in in_turns(streams))


def at_random(streams: Mapping[str, list[Fact]], seed: int) -> Iterator[list[Fact]]:
    """Batches of random sizes; some repeat the end of the batch before, or facts within."""
    rng, facts, at = random.Random(seed), list(in_turns(streams)), 0
    while at < len(facts):
        size = rng.randint(1, MOST)
        batch = facts[max(0, at - rng.choice((0, 0, 3, 15))) : at + size]
        yield [fact for fact in batch for _ in range(rng.choice((1, 1, 1, 2)))]
        at += size


def in_turns(streams: Mapping[str, list[Fact]]) -> list[Fact]:
    """All facts by their time; histories first."""
    facts = [fact for stream in streams.values() for fact in stream]
    return sorted(facts, key=lambda f: f.close_time if isinstance(f, BarsFact) else 0)


@dataclass
class Tracked:
    """An open signal, and the position that its bars so far come to."""

    signal: Signal
    position: Position
    end: Signal | None = None


@dataclass
class Stack:
    """What is stored between two batches."""

    one: StrategySet
    symbols: dict[str, LiveSymbol] = field(default_factory=dict)
    tracked: list[Tracked] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    def take(self, batch: list[Fact], *, warm: bool) -> None:
        """Fold, decide and settle a batch; unless `warm`, the next one reads stored states."""
        for fact in batch:
            live = self.symbols.setdefault(fact.symbol, LiveSymbol(fact.symbol, self.one))
            evaluation = live.fold(fact)
            if evaluation is None:
                continue
            found = live.decide(evaluation, [])
            self.decisions.append(found.decision)
            if found.signal is not None:
                self.tracked.append(Tracked(found.signal, opened(found.signal)))
        self.settle()
        for symbol in set() if warm else {fact.symbol for fact in batch}:
            restore(self.symbols[symbol])

    def settle(self) -> None:
        """Fold the bars that came into the positions that are open."""
        for one in self.tracked:
            if one.end is None:
                live = self.symbols[one.signal.symbol]
                leaves = live.leaves[one.signal.side]
                one.position, end = advance(one.signal, one.position, since(live, one), leaves)
                one.end = None if end is None else settled(one.signal, end)

    @property
    def signals(self) -> list[Signal]:
        return [one.signal if one.end is None else one.end for one in self.tracked]


def since(live: LiveSymbol, one: Tracked) -> list[StoredBar]:
    """Return the stored bars from a position on, each once."""
    newest = live.bars[-3 * MOST :]  # no batch has more
    stored = {bar.open_time: bar for bar in newest if bar.open_time >= one.position.until}
    return [stored[time] for time in sorted(stored)]


def restore(live: LiveSymbol) -> None:
    """Store the states as bytes and read them, as the next invocation does."""
    live.shared = SymbolState.from_bytes(live.shared.symbol, live.shared.to_bytes())
    buffers = {}
    for key, buffer in live.buffers.items():
        read = from_bytes(live.one, to_bytes(live.one, buffer))
        assert read is not None
        buffers[key] = read
    live.buffers = buffers


def played(
    batches: Iterable[list[Fact]], one: StrategySet, *, warm: bool = False
) -> tuple[list[Decision], list[Signal]]:
    """Return the decisions and signals of a stack that reads these batches."""
    stack = Stack(one)
    for batch in batches:
        stack.take(batch, warm=warm)
    return stack.decisions, stack.signals
