"""The emulator's process ends with its parent, however the parent ends."""

import os
import subprocess
import sys
from pathlib import Path

from infra.local.stack import ministack

EMULATOR = "import time\n\n\ndef main():\n    print('up', flush=True)\n    time.sleep(60)\n"


def test_it_ends_and_removes_its_folder_when_the_pipe_closes(tmp_path: Path) -> None:
    package, scratch = tmp_path / "ministack", tmp_path / "scratch"
    package.mkdir()
    scratch.mkdir()
    (package / "__init__.py").touch()
    (package / "app.py").write_text(EMULATOR)
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "TMPDIR": str(scratch)}
    with subprocess.Popen(  # noqa: S603 - our own file
        [sys.executable, "-P", str(ministack._CHILD)], env=env, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, start_new_session=True,
    ) as child:  # fmt: skip
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        child.stdin.close()
        assert child.wait(30) != 0
    assert not scratch.exists()
