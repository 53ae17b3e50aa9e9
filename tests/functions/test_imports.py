"""What a cold start loads: nothing heavy, and nothing of the environment."""

import json
import os
import subprocess
import sys

import pytest

from tests.paths import ROOT

OURS = sorted(path.parent.name for path in ROOT.glob("functions/*/handler.py"))
HEAVY = {
    "boto3", "numpy", "pandas", "numba", "pydantic", "requests", "aws_xray_sdk", "moto",
    "websocket", "psutil",
}  # fmt: skip
INGEST_ONLY = ("signalengine.bars", "signalengine.exchanges", "signalengine.market_data")
"""Modules of the layer that only the ingest task and research import."""
SCRIPT = """
import json, sys
sys.path.insert(0, sys.argv[1])
import handler
assert callable(handler.handler)
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("name", OURS)
def test_a_handler_imports_nothing_heavy_and_needs_no_environment(name: str) -> None:
    """As Lambda does: the folder on the path, `handler.handler`, layers beside it."""
    layers = [str(ROOT / "layers" / layer / "python") for layer in ("core", "aws")]
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(layers)}
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", SCRIPT, str(ROOT / "functions" / name)],
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout))
    assert {module.split(".")[0] for module in loaded} & HEAVY == set()
    assert [module for module in loaded if module.startswith(INGEST_ONLY)] == []
    if name != "compute_features":
        assert "signalengine.fold" not in loaded
