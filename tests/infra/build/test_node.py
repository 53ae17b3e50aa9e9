"""Node: the system's if it is new enough, else the one of this environment."""

import sys
from pathlib import Path

import pytest

from infra.build import node as module
from infra.build.node import NodeMissingError, major_version, node_env, node_folder


def executable(folder: Path, version: str) -> Path:
    node = folder / "node"
    node.write_text(f"#!/bin/sh\necho {version}\n")
    node.chmod(0o755)
    return node


@pytest.mark.parametrize(("printed", "major"), [("v22.3.1", 22), ("v8.0.0", 8), ("hello", 0)])
def test_the_major_version_is_read(tmp_path: Path, printed: str, major: int) -> None:
    assert major_version(str(executable(tmp_path, printed))) == major


def test_a_recent_system_node_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = executable(tmp_path, f"v{module.OLDEST}.0.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert node_folder() == tmp_path
    env = node_env()
    assert (env["JSII_NODE"], env["PATH"].split(":")[0]) == (str(node), str(tmp_path))


def test_an_old_system_node_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path, "v12.0.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(module, "_wheel_node", lambda: tmp_path / "wheel" / "node")
    assert node_folder() == Path(sys.executable).parent
    monkeypatch.setattr(module, "_wheel_node", lambda: None)
    with pytest.raises(NodeMissingError, match="make setup"):
        node_folder()
