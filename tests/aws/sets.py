"""Parameter sets of made-up strategies on a stack: a registry in memory, and states beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from signalengine.policy import CLASSIC
from signalengine.strategy import loading
from signalengine.strategy.lifecycle import (
    UNCHANGED_CLASSIC,
    Action,
    Registered,
    Status,
    changed,
    failure,
)
from signalengine.strategy.loading import Loaded, load_text
from signalengine.strategy.set_states import Buffer, Buffers, caught_up, lacking
from signalengine.strategy.sets import StrategySet, as_text, set_of
from signalengine_aws.application.sets.running_sets import load_once
from signalengine_aws.stores.log.replay import SavedSets
from signalengine_aws.stores.registry import DynamoRegistry

from tests.core.strategy.texts import ON_TRIAL

from .fakes import Journal, MemoryLog


def registered(one: StrategySet, status: Status = "shadow") -> Registered:
    return Registered(one.key, status, as_text(one), one.digest, version=1)


def register(one: StrategySet, *actions: Action) -> None:
    """Register a set in shadow in the table, and do more with it."""
    registry = DynamoRegistry("strategies_table")

    def to(action: Action, **more: Any) -> Callable[[Registered | None], Registered]:
        return partial(changed, action=action, now=5, **more)

    registry.change(one.key, "ann", to("shadow", definition=one, text=as_text(one)))
    for action in actions:
        why = "runner.py, line 7: ValueError"
        registry.change(one.key, "ann", to(action, reason=why, promotion=ON_TRIAL))


def deploy(patch: pytest.MonkeyPatch, **texts: str) -> dict[str, Loaded]:
    """Let a deployment have these strategies, and no others."""
    found = {name: load_text(text, f"{name}.py") for name, text in texts.items()}
    load_once.cache_clear()

    def load(name: str) -> Loaded:
        return found[name] if name in found else shipped(name)

    shipped = loading.load_shipped
    patch.setattr(loading, "load_shipped", load)
    return found


def sets_of(loaded: Loaded, *parts: float, **rules: float) -> list[StrategySet]:
    """Return a set for each value of the runner's parameter."""
    return [
        set_of(loaded, {"name": f"s{k}", "parameters": {"part": part}, "rules": rules})
        for k, part in enumerate(parts)
    ]


@dataclass
class MemoryRegistry:
    """Registered sets; `changes` has who changed what into what, `fault` is raised by a change."""

    items: dict[str, Registered] = field(default_factory=dict)
    changes: list[tuple[str, Registered]] = field(default_factory=list)
    fault: Exception | None = None
    reads: int = 0

    def read(self) -> dict[str, Registered]:
        self.reads += 1
        return {CLASSIC: UNCHANGED_CLASSIC} | self.items

    def change(
        self, name: str, who: str, to: Callable[[Registered | None], Registered]
    ) -> Registered:
        if self.fault is not None:
            raise self.fault
        after = to(self.read().get(name))
        self.items[name] = after
        self.changes.append((who, after))
        return after

    def act(self, name: str, action: str, now: int = 5) -> None:
        before = self.read()[name]
        self.items[name] = changed(before, action, now, promotion=ON_TRIAL)  # type: ignore[arg-type]


@dataclass
class MemorySetStates:
    """Buffers by set and symbol, which stored bars bring up to their symbols' checkpoints."""

    log: MemoryLog
    journal: Journal = field(default_factory=list)
    items: dict[tuple[str, str], tuple[Buffer, int]] = field(default_factory=dict)

    def of(self, sets: Sequence[StrategySet], closes: Mapping[str, int]) -> SavedSets:
        buffers: dict[str, Buffers] = {}
        failed: dict[str, str] = {}
        for symbol, close in closes.items():
            mine: dict[str, Buffer] = {}
            for one in sets:
                before = self.items.get((one.key, symbol), (None, 0))[0]
                spans = lacking(one, before, close)
                bars = [
                    bar
                    for (name, interval, time), bar in self.log.bars().items()
                    if name == symbol and interval in spans
                    and spans[interval][0] <= time < spans[interval][1]
                ]  # fmt: skip
                try:
                    after = caught_up(one, before, bars)
                except Exception as error:
                    failed[one.key] = failure(error, one.loaded.origin)
                    continue
                if after is not None:
                    mine[one.key] = after
            buffers[symbol] = mine
        entries = {f"{key}#{symbol}": entry for (key, symbol), (_, entry) in self.items.items()}
        return SavedSets(buffers, entries, failed)

    def put(
        self, one: StrategySet, symbol: str, buffer: Buffer, entry: int, *, again: bool = False
    ) -> bool:
        _, known = self.items.get((one.key, symbol), ((), -1))
        done = known <= entry if again else known < entry
        self.journal.append(("set", one.key, symbol, entry, done))
        if done:
            self.items[one.key, symbol] = (buffer, entry)
        return done
