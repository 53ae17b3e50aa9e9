"""The process of one contender: `python -m research.benchmarks.child MODULE:CLASS BARS.npy COUNT`.

Reads commands, one a line, and answers each with a line of JSON: `check` with the contender's
values, `run` with the seconds it took, the units of work, and the most memory the process has held.
What the contender prints goes to the standard error. Runs with the peers' interpreter too: imports
nothing but the contender's module.
"""

import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

OUR_PYTHON: Final = "BENCH_PYTHON"
"""Variable with the interpreter of this project, for contenders that start a part of it."""
_STATUS: Final = Path("/proc/self/status")


def main(spec: str, path: str, count: int) -> None:
    """Serve one contender until the standard input closes."""
    answers = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    module, name = spec.split(":")
    bars = np.ascontiguousarray(np.load(path)[:count])
    contender = getattr(importlib.import_module(module), name)(bars)
    serve(contender, sys.stdin, answers)


def serve(contender: Any, commands: IO[str], answers: IO[str]) -> None:
    """Answer commands in order."""
    for command in commands:
        found = contender.check() if command.strip() == "check" else timed(contender)
        answers.write(json.dumps(found) + "\n")


def timed(contender: Any) -> dict[str, float]:
    """Run once; seconds by the clock and of its CPUs, for how many units; the peak in MB.

    The peak is 0 where the work is done in processes of its own, whose memory is not known.
    """
    used, began = cpu_s(), time.perf_counter()
    units = contender.run()
    wall = time.perf_counter() - began
    peak = 0.0 if getattr(contender, "in_children", False) else peak_mb()
    return {"wall_s": wall, "cpu_s": cpu_s() - used, "units": units, "peak_mb": peak}


def cpu_s() -> float:
    """CPU seconds of this process, its threads, and its child processes that have ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def peak_mb() -> float:
    """Return the peak of this process's resident memory, MB.

    `getrusage` begins with the peak of the process that started this one: Linux says its own.
    """
    for line in _STATUS.read_text(encoding="utf-8").splitlines() if _STATUS.exists() else ():
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) * 1024.0 / 1e6
    unit = 1.0 if sys.platform == "darwin" else 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
