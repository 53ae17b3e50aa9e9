"""Coming to rest: the rest of the market is fed, everything runs without faults, nothing waits."""

from typing import Final

from .schedules.families import BOTH, Family
from .schedules.schedule import STREAMED, Run
from .services.account import SENDERS
from .world import World

ROUNDS: Final = 200
"""Rounds in which a world has to come to rest."""
REPUBLISH_MS: Final = 130_000
CHUNK: Final = 3
"""Minutes that are fed at once when a schedule is over."""
COUNTED_MS: Final = 70_000
"""After so long track_signals counts the WebSocket clients again, and lists events for them."""


def drain(world: World, functions: frozenset[str]) -> None:
    """Run everything that has something to do, without faults, until nothing has."""
    streamed = [one for one in STREAMED if one in functions]
    queued = [one for one in ("broadcast", *SENDERS) if one in functions]
    for _ in range(ROUNDS):
        busy = sum(world.run([Run(function, shard)], 0) for function in streamed for shard in BOTH)
        busy += sum(world.run([Run(function)], 0) for function in queued)
        if not busy and not any(_wait(world, SENDERS[one]) for one in queued if one in SENDERS):
            return
    world.errors.append(f"no rest after {ROUNDS} rounds")


def _wait(world: World, name: str) -> bool:
    """Let the time pass until a message of a queue is visible; False when there is none."""
    queue = world.account.queues[name]
    world.account.now = max(
        world.account.now, min((one.visible_at for one in queue), default=world.account.now)
    )
    return bool(queue)


def come_to_rest(world: World, family: Family) -> None:
    """Feed the rest of the market, and heal everything."""
    functions = family.functions
    world.release_all()
    drain(world, functions)
    while world.minute < family.minutes - 1:
        for _ in range(min(CHUNK, family.minutes - 1 - world.minute)):
            world.feed()
        drain(world, functions)
    if "track_signals" in functions:
        _sweep(world, functions)
    world.feed()
    drain(world, functions)
    if "publish_signals" in functions:
        world.account.now += REPUBLISH_MS
        world.run([Run("publish_signals", scheduled=True)], 0)
        drain(world, functions)
    if world.people:
        _bring_clients_up_to_date(world, functions)


def _sweep(world: World, functions: frozenset[str]) -> None:
    """The last minute is tracked before it is folded: only the sweep can settle with it."""
    world.feed()
    drain(world, functions & {"track_signals"})
    drain(world, functions & {"compute_features", "score_events"})
    world.run([Run("track_signals", scheduled=True)], 0)
    drain(world, functions)
    world.beat(10_000)
    drain(world, functions)


def _bring_clients_up_to_date(world: World, functions: frozenset[str]) -> None:
    """A status lists what clients lack; then they connect again, and resume from their cursors."""
    world.account.now += COUNTED_MS
    world.beat(20_000)
    drain(world, functions)
    for name in world.people:
        world.connect(name)
