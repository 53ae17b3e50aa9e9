"""Photographs of a world between two steps: a schedule begins with one instead of a warm-up."""

from dataclasses import dataclass, replace
from typing import Any

from .services.account import QUEUES, Account, Queued
from .services.dynamodb import Photograph as Tables
from .services.outside import Arrivals, Sent
from .world import World


@dataclass(frozen=True, slots=True)
class Photograph:
    """What a world consists of as long as nobody is connected and nothing was disturbed."""

    tables: Tables
    now: int
    numbers: int
    queues: tuple[tuple[str, tuple[Queued, ...]], ...] = ()
    published: tuple[dict[str, Any], ...] = ()
    broadcasts: tuple[str, ...] = ()
    sent: tuple[Sent, ...] = ()
    shards: tuple[tuple[str, tuple[tuple[Any, ...], ...]], ...] = ()
    """The change streams of tables, by the table's name."""
    stream: tuple[tuple[Any, ...], ...] = ()
    positions: tuple[tuple[tuple[str, int], int], ...] = ()
    minute: int = 0


def taken(world: World) -> Photograph:
    """Return a photograph of a world."""
    account = world.account
    tables = account.dynamodb.tables
    return Photograph(
        tables=account.dynamodb.photograph(),
        now=account.now,
        numbers=account.numbers,
        queues=tuple((name, tuple(map(replace, account.queues[name]))) for name in QUEUES),
        published=tuple(account.published),
        broadcasts=tuple(account.broadcasts),
        sent=tuple(world.arrivals.sent),
        shards=tuple((name, tuple(map(tuple, table.shards))) for name, table in tables.items()),
        stream=tuple(map(tuple, world.stream.shards)),
        positions=tuple(world.positions.items()),
        minute=world.minute,
    )


def restored(photograph: Photograph, account: Account, arrivals: Arrivals) -> None:
    """Make an account, and what arrived outside, what they were."""
    account.reset(photograph.tables, photograph.now, photograph.numbers)
    for name, queue in photograph.queues:
        account.queues[name] = list(map(replace, queue))
    account.published += photograph.published
    account.broadcasts += photograph.broadcasts
    arrivals.sent[:] = photograph.sent
    for name, shards in photograph.shards:
        account.dynamodb.tables[name].shards = [list(shard) for shard in shards]


def go_on(photograph: Photograph, world: World) -> None:
    """Make a world of the account what it was."""
    if photograph.stream:
        world.stream.shards = [list(shard) for shard in photograph.stream]
    world.positions = dict(photograph.positions)
    world.minute = photograph.minute
