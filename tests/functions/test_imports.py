"""What a cold start loads: nothing heavy, and nothing of the environment."""

import json
import os
import subprocess
import sys
import sysconfig
from functools import cache

import pytest

from tests.paths import ROOT

OURS = sorted(path.parent.name for path in ROOT.glob("functions/*/handler.py"))
HEAVY = {
    "boto3", "numpy", "pandas", "numba", "pydantic", "requests", "aws_xray_sdk", "moto",
    "websocket", "psutil",
}  # fmt: skip
INGEST_ONLY = ("signalengine.bars", "signalengine.exchanges", "signalengine.market_data")
"""Modules of the layer that only the ingest task and research import."""
LAYERS = (
    *(str(ROOT / "layers" / layer / "python") for layer in ("core", "aws")),
    sysconfig.get_path("purelib"),
    sysconfig.get_path("platlib"),
)
SCRIPT = """
import json, sys
sys.path[:0] = sys.argv[1:]
import handler
assert callable(handler.handler)
print(json.dumps(sorted(sys.modules)))
"""


BUDGET = 1.35
"""Function calls made by importing a handler, by those of `import boto3`."""
COUNTED = """
import importlib, sys
name, *folders = sys.argv[1:]
sys.path[:0] = folders
calls = 0

def count(_frame, event, _argument):
    global calls
    if event in ("call", "c_call"):
        calls += 1

sys.setprofile(count)
importlib.import_module(name)
sys.setprofile(None)
print(calls)
"""


def run(script: str, *arguments: str) -> str:
    """Run a script as Lambda does: the layers on the path, no environment, nothing imported yet."""
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-I", "-S", "-c", script, *arguments, *LAYERS],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def calls_of_boto3() -> int:
    """Calls of `import boto3`, the second time: the first one may compile it."""
    run(COUNTED, "boto3")
    return int(run(COUNTED, "boto3"))


@pytest.mark.parametrize("name", OURS)
def test_a_handler_imports_nothing_heavy_and_needs_no_environment(name: str) -> None:
    """As Lambda does: the folder on the path, `handler.handler`, layers beside it."""
    loaded = set(json.loads(run(SCRIPT, str(ROOT / "functions" / name))))
    assert {module.split(".")[0] for module in loaded} & HEAVY == set()
    assert [module for module in loaded if module.startswith(INGEST_ONLY)] == []
    if name != "compute_features":
        assert "signalengine.fold" not in loaded


@pytest.mark.parametrize("name", OURS)
def test_a_handler_imports_no_more_work_than_the_budget_of_a_cold_start(name: str) -> None:
    """Function calls are the same in every run, and their ratio is that of CPU time within 0.1."""
    folder = str(ROOT / "functions" / name)
    run(SCRIPT, folder)  # after it everything is compiled, as in the layers
    ratio = int(run(COUNTED, "handler", folder)) / calls_of_boto3()
    assert ratio <= BUDGET, f"{name}: {ratio:.3f} times `import boto3`"
