"""The emulator's process: guarded, with secret sessions, and gone with its parent."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.local.stack import ministack

EMULATOR = {
    "__init__.py": "",
    "core/__init__.py": "",
    "core/lambda_runtime.py": """import zipfile
def execution_credentials(config):
    return dict(config)
""",
    "core/iam_actions.py": "def access_denied_response(*a, **k):\n    return 403\n",
    "core/iam_evaluator.py": """from types import SimpleNamespace
def evaluate(call, *policies):
    return SimpleNamespace(decision=policies[0])
""",
    "core/router.py": "def extract_access_key_id(headers, query):\n    return ''\n",
    "services/__init__.py": "",
    "services/s3.py": "_bucket_policies = {}\n",
    "services/sts.py": "_sessions = {}\n",
    "app.py": """import json, time
from types import SimpleNamespace
from ministack.core import iam_evaluator, lambda_runtime
from ministack.core.iam_actions import access_denied_response
from ministack.core.lambda_runtime import execution_credentials

def app(): ...

def main():
    config = {"FunctionArn": "f", "Role": "arn:aws:iam::1:role/deployed/role-name"}
    found = {"guard": type(app).__name__, "of": execution_credentials(config)}
    found["zipfile"] = type(lambda_runtime.zipfile).__name__
    access_denied_response("s3", "s3:GetObject", "somebody", "", explicit_deny=True)
    for client, decision in (("a", "Allow"), ("b", "Allow"), ("c", "ImplicitDeny")):
        call = SimpleNamespace(
            action="execute-api:ManageConnections", principal_arn="me",
            resource_arn=f"api/POST/@connections/{client}",
        )
        iam_evaluator.evaluate(call, decision)
    access_denied_response("", None, "")
    print(json.dumps(found), flush=True)
    time.sleep(60)
""",
}
"""A package with the names that the process uses of the real one."""


@contextmanager
def started(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    scratch = folder / "scratch"
    scratch.mkdir()
    for name, text in EMULATOR.items():
        path = folder / "ministack" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    env = {**os.environ, "PYTHONPATH": str(folder), "TMPDIR": str(scratch)}
    env |= {"GATEWAY_PORT": "1", "PROXY_PORTS": "", "AWS_ACCESS_KEY_ID": "owner"}
    with subprocess.Popen(  # noqa: S603 - our own file
        [sys.executable, "-P", str(ministack._CHILD)], env=env, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as child:  # fmt: skip
        yield child
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(30) != 0
    assert not scratch.exists()


def first_line(child: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert child.stdout is not None
    found: dict[str, Any] = json.loads(child.stdout.readline())
    return found


def test_it_ends_and_removes_its_folder_when_the_pipe_closes(tmp_path: Path) -> None:
    with started(tmp_path) as child:
        found = first_line(child)
        assert (found["guard"], found["zipfile"]) == ("Guard", "SharedLayers")
        assert child.stderr is not None
        assert child.stderr.readline() == b"IAM denied s3:GetObject to somebody\n"


def test_each_right_that_is_used_is_logged_once(tmp_path: Path) -> None:
    with started(tmp_path) as child:
        assert child.stderr is not None
        lines = [child.stderr.readline().decode() for _ in range(3)]
    assert lines[1] == "IAM allowed execute-api:ManageConnections on api/POST to me\n"
    assert lines[2] == "IAM denied  to nobody\n"


@pytest.fixture
def roles(tmp_path: Path) -> list[str]:
    """The role that sessions are made of, in two runs."""
    found = []
    for run in ("one", "two"):
        (tmp_path / run).mkdir()
        with started(tmp_path / run) as child:
            found.append(first_line(child)["of"]["Role"])
    return found


def test_sessions_are_made_of_what_nobody_else_knows(roles: list[str]) -> None:
    one, two = roles
    assert one != two
    assert one.rpartition("/")[2] == two.rpartition("/")[2] == "role-name"
    assert "deployed" not in one
