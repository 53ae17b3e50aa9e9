"""Samples of processes: which part one is, and what counts as growth."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.benchmarks.pictures import Panel, drawn, thinned
from infra.local.benchmarks.sampling import (
    CLIENT,
    Sample,
    Sampler,
    Usage,
    gauge,
    growth,
    largest,
    leaks,
    part_of,
    parts,
)
from infra.local.benchmarks.timelines import memory_picture, tables_picture


def sample(at: int, memory: float, part: str = "broadcast", files: int = 5) -> Sample:
    return Sample(float(at), (Usage(part, 7, memory, files, 2),), {"BarsTable": at * 1_000.0})


@pytest.mark.parametrize(
    ("command", "part"),
    [
        (["python", "/x/lambda-SignalEngine-Livebroadcastfunction1-2-x/_worker.py"], "broadcast"),
        (["python", "/x/lambda-SignalEngine-Telegramsendtelegramfunction9-x/_worker.py"],
         "send_telegram"),
        (["python", "-I", "/x/infra/local/stack/ministack_child.py"], "emulator"),
        (["python", "-m", "infra.local.stack.startup.attached", "ingest_task"], "ingest"),
        (["python", "-m", "x.attached", "infra.local.exchange", "--port", "0"], "exchange"),
        (["git", "status"], None),
    ],
)  # fmt: skip
def test_a_process_is_named_for_its_part(command: list[str], part: str | None) -> None:
    functions = {"broadcast": "broadcast", "sendtelegram": "send_telegram"}
    assert part_of(command, functions) == part


def test_growth_is_the_slope_of_the_settled_half() -> None:
    settled = [sample(at, 50.0 if at < 50 else 60.0) for at in range(101)]
    (flat,) = growth(settled)
    assert (flat.memory_mb, flat.memory_growth_mb, flat.flat) == (60.0, 0.0, True)
    (leak,) = growth([sample(at, 50 + at / 5) for at in range(101)])
    assert (leak.memory_growth_mb, leak.flat) == (10.0, False)
    (handles,) = growth([sample(at, 50, files=5 + at // 10) for at in range(101)])
    assert not handles.flat


def test_the_emulator_may_grow_and_a_process_that_came_late_is_not_evaluated() -> None:
    grown = [sample(at, 50 + at, "emulator") for at in range(101)]
    assert leaks(growth(grown)) == []
    assert leaks(growth([sample(at, 50 + at) for at in range(101)])) != []
    late = [Sample(float(at), ()) for at in range(80)] + [sample(at, at) for at in range(80, 101)]
    assert growth(late) == []


def test_a_run_samples_the_processes_below_it() -> None:
    worker = Path("lambda-SignalEngine-Livebroadcastfunction1-x") / "_worker.py"
    script = "import sys; print(flush=True); sys.stdin.read()"
    with subprocess.Popen(  # noqa: S603 - this interpreter
        [sys.executable, "-c", script, str(worker)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        with Sampler(["broadcast"], gauges=lambda: {"depth": 3.0}) as sampler:
            pass
    assert parts(sampler.samples) == ["broadcast"]
    assert {one.pid for one in sampler.samples[-1].usages} == {child.pid, os.getpid()}
    assert largest(sampler.samples, CLIENT)[-1][1] > 10
    assert gauge(sampler.samples, "depth")[-1][1] == 3.0


def test_a_long_line_is_drawn_with_few_points_and_to_its_end() -> None:
    line = [(float(at), float(at)) for at in range(10_001)]
    found = thinned(line)
    assert len(found) < 200
    assert (found[0], found[-1]) == (line[0], line[-1])


def test_pictures_have_their_lines_and_are_the_same_each_time() -> None:
    samples = [sample(at, 50 + at / 10) for at in range(0, 600, 60)]
    for picture in (memory_picture, tables_picture):
        assert picture(samples) == picture(samples)
    assert "broadcast" in memory_picture(samples)
    assert "bars" in tables_picture(samples)
    empty = drawn("nothing <b>", [Panel("none", [])])
    assert "<title>nothing &lt;b&gt;</title>" in empty
