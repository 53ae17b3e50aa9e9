"""A child process answers each command with one line."""

import io
import json
import subprocess
import sys

from research.benchmarks import child
from research.benchmarks.ours_fold import WholeBar
from tests.research.benchmarks.samples import BARS


def test_a_child_answers_each_command_with_a_line() -> None:
    answers = io.StringIO()
    child.serve(WholeBar(BARS[:50]), io.StringIO("run\nrun\n"), answers)
    found = [json.loads(line) for line in answers.getvalue().splitlines()]
    assert [set(one) for one in found] == [{"wall_s", "cpu_s", "units", "peak_mb"}] * 2
    assert [one["units"] for one in found] == [50, 50]


def test_a_process_that_has_ended_counts_with_its_parent() -> None:
    before = child.cpu_s()
    burning = "import time\nwhile time.process_time() < 0.2: pass"
    subprocess.run([sys.executable, "-c", burning], check=True)  # noqa: S603 - fixed words
    assert child.cpu_s() - before >= 0.2


class Holding:
    in_children = False

    def run(self) -> int:
        return len(bytearray(200_000_000)) // 200_000_000


class Started(Holding):
    in_children = True


def test_memory_that_is_held_is_in_the_peak() -> None:
    found = child.timed(Holding())
    assert found["units"] == 1
    assert found["peak_mb"] > 200.0
    assert child.timed(Started())["peak_mb"] == 0.0


def test_the_peak_is_of_the_process_itself() -> None:
    held = bytearray(300_000_000)
    code = "from research.benchmarks.child import peak_mb; print(peak_mb())"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)  # noqa: S603 - fixed words
    assert 5.0 < float(done.stdout) < child.peak_mb() - len(held) / 2e6
