"""The process of one contender: `python -m research.benchmarks.child MODULE:CLASS BARS.npy COUNT`.

Reads commands, one a line, and answers each with a line of JSON: `check` with the contender's
values, `run` with the seconds it took and the units of work. What the contender prints goes to the
standard error. Runs with the peers' interpreter too: imports nothing but the contender's module.
"""

import importlib
import json
import os
import resource
import sys
import time
from typing import IO, Any

import numpy as np


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
    """Run once; seconds by the clock and of this process's CPUs, for how many units."""
    used, began = cpu_s(), time.perf_counter()
    units = contender.run()
    return {"wall_s": time.perf_counter() - began, "cpu_s": cpu_s() - used, "units": units}


def cpu_s() -> float:
    """CPU seconds of this process and all its threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
