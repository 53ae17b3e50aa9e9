"""A child process answers each command with one line."""

import io
import json

from research.benchmarks import child
from research.benchmarks.ours_fold import WholeBar
from tests.research.benchmarks.samples import BARS


def test_a_child_answers_each_command_with_a_line() -> None:
    answers = io.StringIO()
    child.serve(WholeBar(BARS[:50]), io.StringIO("run\nrun\n"), answers)
    found = [json.loads(line) for line in answers.getvalue().splitlines()]
    assert [set(one) for one in found] == [{"wall_s", "cpu_s", "units"}] * 2
    assert [one["units"] for one in found] == [50, 50]
