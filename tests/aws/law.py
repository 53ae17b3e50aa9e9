"""The law of exactly once: however a batch is interrupted, its retry ends where one run ends.

The batch is interrupted at every AWS call it makes: the process dies when the call has taken effect
(which is also before the next call), or AWS throttles the call for good. Then the same batch comes
again, to a new process after a death, to the same one after an error. At last it comes once more.
"""

from collections.abc import Callable
from typing import Any

from signalengine.errors import TransientError

from .folded import readable
from .world import Crash, Mode, Trouble, World

FOLDED = ("BARS_TABLE", "STATE_TABLE")
"""The same facts may be in other entries: what can be read of them is the same."""
MODES: tuple[Mode, ...] = ("after", "throttled")


def outcome(world: World) -> dict[str, Any]:
    """What a run leaves: all tables, and the sets of what was published and refused."""
    return {
        "tables": {name: rows for name, rows in world.everything().items() if name not in FOLDED},
        **readable(world),
        "published": sorted(set(world.event_ids())),
        "refused": sorted({(x["sequence_number"], x["reason"]) for x in world.letters()}),
    }


def assert_every_interruption_is_healed(
    world: World,
    prepare: Callable[[], None],
    run: Callable[[], object],
    restart: Callable[[], None],
) -> int:
    """Check the law; returns how many AWS calls a clean run makes."""
    world.reset()
    prepare()
    prepared = world.photograph()
    expected, calls = clean_run(world, lambda: world.reset(prepared), run, restart)
    for at in range(calls):
        for mode in MODES:
            world.reset(prepared)
            restart()
            interrupted(world, Trouble(at, mode), run, restart)
            run()
            assert outcome(world) == expected, f"{mode} call {at} of {calls}"
    run()
    assert outcome(world) == expected, "once more"
    return calls


def clean_run(
    world: World,
    prepare: Callable[[], None],
    run: Callable[[], object],
    restart: Callable[[], None],
) -> tuple[dict[str, Any], int]:
    """Return what an undisturbed run leaves, and how many AWS calls it makes."""
    world.reset()
    prepare()
    restart()
    world.trouble = counter = Trouble(-1, "before")
    run()
    world.trouble = None
    return outcome(world), counter.calls


def interrupted(
    world: World, trouble: Trouble, run: Callable[[], object], restart: Callable[[], None]
) -> None:
    """Run once with trouble; a process that died is followed by a new one."""
    world.trouble = trouble
    try:
        run()
    except Crash:
        restart()
    except TransientError:
        pass  # Lambda hands the batch over again, to the same process
    finally:
        world.trouble = None
