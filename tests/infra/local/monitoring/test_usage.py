"""Usage counts this process and those below it."""

import subprocess
import sys

from infra.local.monitoring.usage import ProcessUsage

BUSY = "import sys, time\nx = bytearray(40 << 20)\nwhile time.process_time() < 0.3: pass\n"


def test_processes_below_this_one_count() -> None:
    now = [0.0]
    usage = ProcessUsage(lambda: now[0])
    now[0] = 1.0
    alone = usage.read()
    child = subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", BUSY + "print(flush=True)\nsys.stdin.read()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdout.readline()
        now[0] = 1000.0
        together = usage.read()
    finally:
        child.communicate(b"", timeout=60)
    assert together.memory_bytes > alone.memory_bytes + (30 << 20)
    assert together.cpu_percent > 0


def test_a_process_that_ended_takes_nothing_away() -> None:
    now = [0.0]
    usage = ProcessUsage(lambda: now[0])
    child = subprocess.Popen([sys.executable, "-c", BUSY])  # noqa: S603 - our own words
    child.wait(60)
    now[0] = 1.0
    assert usage.read().cpu_percent >= 0
