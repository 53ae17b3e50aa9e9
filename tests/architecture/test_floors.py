"""No import cycle, and no import from a lower floor to a higher one."""

from collections.abc import Sequence

import pytest

from .graph import cycles, graph

FLOORS: dict[str, Sequence[Sequence[str]]] = {
    "house": [
        ["signalengine"],
        ["signalengine_aws", "research"],
        ["functions", "ingest_task"],
        ["infra"],
    ],
    "aws": [
        ["signalengine_aws.runtime"],
        ["signalengine_aws.messaging"],
        ["signalengine_aws.ports", "signalengine_aws.costs", "signalengine_aws.stores"],
        ["signalengine_aws.delivery"],
        ["signalengine_aws.channels", "signalengine_aws.chat"],
        ["signalengine_aws.api"],
        ["signalengine_aws.bot"],
        ["signalengine_aws.application"],
    ],
    "infra": [
        ["infra.errors", "infra.names"],
        ["infra.assets"],
        ["infra.settings"],
        ["infra.build", "infra.parts"],
        ["infra.stack"],
        ["infra.app"],
        ["infra.local"],
        ["infra.cli"],
    ],
    "local": [
        ["infra.local.exchange", "infra.local.telegram", "infra.local.storage"],
        ["infra.local.stack"],
        ["infra.local.replay", "infra.local.faults", "infra.local.permissions"],
        ["infra.local.capacity"],
        ["infra.local.service"],
        ["infra.local.container"],
        ["infra.local.benchmarks", "infra.local.chaos"],
        ["infra.local.baseline"],
    ],
    "ingest_task": [
        ["ingest_task.logs"],
        ["ingest_task.connections", "ingest_task.output", "ingest_task.backfill"],
        ["ingest_task.watching"],
        ["ingest_task.recording"],
    ],
}
"""From the ground up. A module may import from its own floor's rooms and from those below."""


@pytest.mark.parametrize("building", FLOORS)
def test_no_import_goes_up(building: str) -> None:
    level = {room: n for n, rooms in enumerate(FLOORS[building]) for room in rooms}
    assert upward(level) == []


def upward(level: dict[str, int]) -> list[str]:
    """Return the imports, as "a -> b", whose target lies on a higher floor than their source."""
    found = []
    for name, targets in graph().items():
        here = floor_of(name, level)
        for target in sorted(targets):
            there = floor_of(target, level)
            if here is not None and there is not None and there > here:
                found.append(f"{name} -> {target}")
    return sorted(found)


def floor_of(name: str, level: dict[str, int]) -> int | None:
    """Return the floor of the innermost room that a module lies in, None outside of all."""
    rooms = [room for room in level if name == room or name.startswith(f"{room}.")]
    return level[max(rooms, key=len)] if rooms else None


def test_rooms_of_one_floor_import_each_other_one_way_at_most() -> None:
    rooms = {room: n for n, room in enumerate(_rooms())}
    edges: dict[str, set[str]] = {room: set() for room in rooms}
    for name, targets in graph().items():
        here = _room_of(name, rooms)
        for target in targets:
            there = _room_of(target, rooms)
            if here and there and here != there:
                edges[here].add(there)
    assert cycles({room: frozenset(others) for room, others in edges.items()}) == []


def _rooms() -> list[str]:
    """Return the rooms inside the buildings; a building's own root files wire them together."""
    inside = [floors for building, floors in FLOORS.items() if building != "house"]
    return [room for floors in inside for rooms in floors for room in rooms]


def _room_of(name: str, rooms: dict[str, int]) -> str | None:
    found = [room for room in rooms if name == room or name.startswith(f"{room}.")]
    return max(found, key=len) if found else None


def test_there_is_no_import_cycle() -> None:
    assert cycles(graph()) == []


def test_a_cycle_and_an_upward_import_would_be_found() -> None:
    edges = {"a": frozenset({"b"}), "b": frozenset({"c"}), "c": frozenset({"a"})}
    assert cycles(edges) == [["a", "b", "c"]]
    level = {"signalengine_aws.application": 0, "signalengine_aws.runtime": 1}
    assert upward(level) != []
