"""Pictures of a run's samples: memory of each part, items of each table, depth of each stage."""

from collections.abc import Sequence

from infra.local.benchmarks.pictures import Panel, drawn
from infra.local.benchmarks.sampling import EMULATOR, Sample, gauge, largest, parts


def memory_picture(samples: Sequence[Sample]) -> str:
    """Return the memory of each part of ours, and of the emulator apart."""
    ours = [(name, largest(samples, name)) for name in parts(samples)]
    return drawn(
        "Memory of each process, and of the emulator",
        [
            Panel("Memory of our processes, MB", ours),
            Panel("Memory of the emulator, MB", [("all tables", largest(samples, EMULATOR))]),
        ],
    )


def tables_picture(samples: Sequence[Sample]) -> str:
    """Return the items of each table over time: few and many apart."""
    names = sorted({name for one in samples for name in one.gauges})
    last = {name: gauge(samples, name)[-1][1] for name in names}
    many = [name for name in names if last[name] > 1_000]

    def lines(chosen: Sequence[str]) -> list[tuple[str, list[tuple[float, float]]]]:
        return [(name.removesuffix("Table").lower(), gauge(samples, name)) for name in chosen]

    few = [name for name in names if name not in many and last[name]]
    return drawn(
        "Items of each table",
        [Panel("Items, large tables", lines(many)), Panel("Items, small tables", lines(few))],
    )


def depth_picture(samples: Sequence[Sample]) -> str:
    """Return how many signals of a burst are at each stage, over time."""

    def lines(**names: str) -> list[tuple[str, list[tuple[float, float]]]]:
        return [(words, gauge(samples, name)) for name, words in names.items()]

    return drawn(
        "Depth of each stage during the burst",
        [
            Panel(
                "Signals",
                lines(stored="stored", websocket="to the WebSocket", outbox="in the outbox"),
            ),
            Panel("Messages for Telegram", lines(queue_due="due", queue_hidden="hidden")),
        ],
    )
